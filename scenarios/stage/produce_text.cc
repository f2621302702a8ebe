#include "scenarios/stage/produce_text.h"

#include <charconv>

namespace norn::scenarios {
namespace {

// The word that follows `mark`, up to a comma or a closing bracket; empty if `mark` is not there.
std::string_view After(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  return text.substr(0, text.find_first_of(",]} "));
}

template <class Int>
Int Number(std::string_view text, Int otherwise) {
  Int number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// "@0-@1 pid0/pe0/s0 2 records 97 B"; what is none is left out.
void ReadBatch(std::string_view text, BatchInText* batch) {
  while (!text.empty()) {
    const size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    const std::string_view rest =
        blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    if (word.substr(0, 3) == "pid") {
      batch->epoch = Number<int32_t>(After(word, "/pe"), -1);
      const size_t sequence = word.rfind("/s");
      if (sequence != std::string_view::npos)
        batch->sequence = Number<int32_t>(word.substr(sequence + 2), -1);
    } else if (rest.substr(0, 6) == "record") {
      batch->records = Number<int32_t>(word, 0);
    } else if (rest.substr(0, 1) == "B") {
      batch->bytes = Number<int64_t>(word, 0);
    }
    text = rest;
  }
}

}  // namespace

std::vector<BatchInText> BatchesIn(std::string_view request) {
  constexpr std::string_view kRecords = "Records=[";
  std::vector<BatchInText> batches;
  std::string topic;
  for (size_t at = 0; at < request.size();) {
    const size_t index = request.find("Index=p", at);
    if (index == std::string_view::npos) break;
    const std::string_view before = request.substr(at, index - at);
    for (const std::string_view mark : {"TopicId=", "Name=\""})
      if (const std::string_view found = After(before, mark); !found.empty())
        topic = found.substr(0, found.find('"'));
    BatchInText batch;
    batch.topic = topic;
    batch.partition = Number<int32_t>(request.substr(index + 7), 0);
    const size_t records = request.find(kRecords, index);
    if (records == std::string_view::npos) break;
    const size_t begin = records + kRecords.size();
    const size_t end = std::min(request.find(']', begin), request.size());
    ReadBatch(request.substr(begin, end - begin), &batch);
    batches.push_back(std::move(batch));
    at = end;
  }
  return batches;
}

std::vector<AnswerInText> AnswersIn(std::string_view response) {
  std::vector<AnswerInText> answers;
  for (size_t at = response.find("Index=p"); at != std::string_view::npos;
       at = response.find("Index=p", at + 1)) {
    const std::string_view rest = response.substr(at);
    AnswerInText answer;
    answer.error = std::string(After(rest, "ErrorCode="));
    const std::string_view offset = After(rest, "BaseOffset=@");
    answer.base_offset = Number<int64_t>(offset, -1);
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace norn::scenarios
