#include "sim/ring.h"

#include <deque>
#include <memory>

#include "gtest/gtest.h"

namespace norn::sim {
namespace {

TEST(RingTest, IsADeque) {
  Ring<std::unique_ptr<int>, 2> ring;
  std::deque<int> model;
  uint32_t state = 1;
  for (int i = 0; i < 10'000; ++i) {
    state = state * 1664525 + 1013904223;
    switch (model.empty() ? 0 : (state >> 24) % 5) {
      case 0:
      case 1:
        ring.push_back(std::make_unique<int>(i));
        model.push_back(i);
        break;
      case 2:
        EXPECT_EQ(*ring.pop_front(), model.front());
        model.pop_front();
        break;
      case 3:
        EXPECT_EQ(*ring.pop_back(), model.back());
        model.pop_back();
        break;
      case 4: {
        const auto taken = std::move(ring.front());
        ring.drop_front();
        EXPECT_EQ(*taken, model.front());
        model.pop_front();
        break;
      }
    }
    ASSERT_EQ(ring.size(), model.size());
    for (uint32_t k = 0; k < ring.size(); ++k) ASSERT_EQ(*ring[k], model[k]);
    if (!model.empty()) {
      ASSERT_EQ(*ring.front(), model.front());
      ASSERT_EQ(*ring.back(), model.back());
    }
  }
}

TEST(RingTest, ClearDestroysWhatIsInIt) {
  Ring<std::shared_ptr<int>, 2> ring;
  const auto content = std::make_shared<int>();
  for (int i = 0; i < 5; ++i) ring.push_back(content);
  EXPECT_EQ(content.use_count(), 6);
  ring.clear();
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(content.use_count(), 1);
  ring.push_back(content);
  EXPECT_EQ(ring.front(), content);
}

}  // namespace
}  // namespace norn::sim
