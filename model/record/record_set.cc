#include "model/record/record_set.h"

#include <cstring>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace norn::model {

using record_internal::Block;
using record_internal::HeaderList;
using record_internal::HeaderRow;
using record_internal::kArenaLimit;
using record_internal::kKeyKept;
using record_internal::kNotKept;
using record_internal::kValueKept;
using record_internal::Row;

namespace {

Payload PartOf(int32_t wire_size, const char* kept, RecordId id, int part) {
  if (wire_size < 0) return Payload::Null();
  if (kept) return std::string_view(kept, static_cast<size_t>(wire_size));
  return Payload::OfSize(wire_size, PayloadSeed(id, part));
}

char* PutField(const Payload& payload, char* out) {
  return payload.CopyTo(PutVarint(payload.wire_size(), out));
}

template <class T>
char* PutAll(const std::vector<T>& items, char* out) {
  size_t size = items.size() * sizeof(T);
  if (size > 0) std::memcpy(out, items.data(), size);
  return out + size;
}

// Reads a length and that many bytes. False when there are fewer, or the length is below -1.
bool GetField(const char** p, const char* end, Payload* payload) {
  int32_t size = 0;
  *p = GetVarint32(*p, end, &size);
  if (!*p || size < -1 || size > end - *p) return false;
  *payload = Payload::Null();
  if (size < 0) return true;
  *payload = std::string_view(*p, static_cast<size_t>(size));
  *p += size;
  return true;
}

// Reads the record at *p, which must be number builder->count(), or says what is wrong with it.
absl::Status DecodeRecord(const char** p, const char* end, std::vector<Header>* headers,
                          RecordSetBuilder* builder) {
  auto bad = [builder](std::string_view what) {
    return absl::DataLossError(absl::StrCat("record ", builder->count(), ": ", std::string(what)));
  };
  int32_t length = 0;
  *p = GetVarint32(*p, end, &length);
  if (!*p || length < 1 || length > end - *p) return bad("its length is more than there is");
  end = *p + length;
  if (*(*p)++ != 0) return bad("it has attributes, of which none are defined");
  int64_t timestamp_delta_ms = 0;
  int32_t offset_delta = 0;
  int32_t header_count = 0;
  Payload key, value;
  *p = GetVarint64(*p, end, &timestamp_delta_ms);
  if (*p) *p = GetVarint32(*p, end, &offset_delta);
  if (!*p) return bad("its timestamp or offset is cut");
  if (offset_delta != builder->count()) {
    return bad(absl::StrCat("its offset delta is ", offset_delta));
  }
  if (!GetField(p, end, &key)) return bad("its key is cut");
  if (!GetField(p, end, &value)) return bad("its value is cut");
  *p = GetVarint32(*p, end, &header_count);
  if (!*p || header_count < 0) return bad("its header count is cut or negative");
  headers->clear();
  for (int32_t i = 0; i < header_count; ++i) {
    Payload header_key, header_value;
    if (!GetField(p, end, &header_key) || header_key.is_null() ||
        !GetField(p, end, &header_value)) {
      return bad(absl::StrCat("header ", i, " is cut or has no key"));
    }
    headers->push_back({header_key.kept(), header_value});
  }
  if (*p != end) return bad(absl::StrCat(end - *p, " bytes are left over"));
  builder->Append(timestamp_delta_ms, key, value, *headers, RecordId::None());
  return absl::OkStatus();
}

}  // namespace

Payload RecordView::key() const {
  const Row& r = row();
  const char* kept = r.kept & kKeyKept ? block_->arena() + (r.kept % kArenaLimit) : nullptr;
  return PartOf(r.key_size, kept, r.id, kKeyPart);
}

Payload RecordView::value() const {
  const Row& r = row();
  const char* kept = nullptr;
  if (r.kept & kValueKept) {
    kept = block_->arena() + (r.kept % kArenaLimit) + (r.kept & kKeyKept ? r.key_size : 0);
  }
  return PartOf(r.value_size, kept, r.id, kValuePart);
}

int32_t RecordView::header_count() const {
  uint32_t list = row().headers;
  return list == 0 ? 0 : static_cast<int32_t>(block_->lists()[list - 1].count);
}

Header RecordView::header(int32_t i) const {
  NORN_CHECK(i >= 0 && i < header_count()) << "header " << i << " of " << header_count();
  const HeaderRow& h =
      block_->headers()[block_->lists()[row().headers - 1].first + static_cast<uint32_t>(i)];
  const char* kept = h.value == kNotKept ? nullptr : block_->arena() + h.value;
  return {{block_->arena() + h.key, static_cast<size_t>(h.key_size)},
          PartOf(h.value_size, kept, row().id, kHeaderPart + i)};
}

RecordShape RecordView::shape() const {
  const Row& r = row();
  RecordShape shape = {r.timestamp_delta_ms, index_, r.key_size, r.value_size, header_count(), 0};
  for (int32_t i = 0; i < shape.header_count; ++i) {
    Header h = header(i);
    shape.headers_size += HeaderSize(static_cast<int32_t>(h.key.size()), h.value.wire_size());
  }
  return shape;
}

bool operator==(const RecordView& a, const RecordView& b) {
  if (a.offset_delta() != b.offset_delta()) return false;
  if (a.timestamp_delta_ms() != b.timestamp_delta_ms()) return false;
  if (a.header_count() != b.header_count()) return false;
  if (!(a.key() == b.key() && a.value() == b.value())) return false;
  for (int32_t i = 0; i < a.header_count(); ++i) {
    if (a.header(i).key != b.header(i).key) return false;
    if (!(a.header(i).value == b.header(i).value)) return false;
  }
  return true;
}

RecordSet RecordSet::Opaque(std::string_view bytes) {
  void* memory = ::operator new(sizeof(Block) + bytes.size());
  auto* block = new (memory) Block{};
  block->owners = 1;
  block->size_in_bytes = static_cast<int64_t>(bytes.size());
  block->arena_size = static_cast<uint32_t>(bytes.size());
  block->opaque = true;
  if (!bytes.empty()) std::memcpy(block + 1, bytes.data(), bytes.size());
  return RecordSet(block);
}

absl::StatusOr<RecordSet> RecordSet::Decode(std::string_view bytes, int32_t count) {
  RecordSetBuilder builder;
  std::vector<Header> headers;
  const char* p = bytes.data();
  const char* end = p + bytes.size();
  while (builder.count() < count) {
    absl::Status status = DecodeRecord(&p, end, &headers, &builder);
    if (!status.ok()) return status;
  }
  if (p != end) {
    return absl::DataLossError(
        absl::StrCat(end - p, " bytes are left over after ", count, " records"));
  }
  // A number may be written longer than it has to be. No client does; encoding could not give it
  // back.
  if (builder.size_in_bytes() != static_cast<int64_t>(bytes.size())) {
    return absl::DataLossError("a record's numbers are not in their shortest form");
  }
  return builder.Seal();
}

char* RecordSet::EncodeTo(char* out) const {
  if (!block_) return out;
  const char* expected_end = out + block_->size_in_bytes;
  if (block_->opaque) {
    std::memcpy(out, block_->arena(), block_->arena_size);
    return out + block_->arena_size;
  }
  for (RecordView record : *this) {
    RecordShape shape = record.shape();
    out = PutVarint(RecordBodySize(shape), out);
    *out++ = 0;
    out = PutVarint(shape.timestamp_delta_ms, out);
    out = PutVarint(shape.offset_delta, out);
    out = PutField(record.key(), out);
    out = PutField(record.value(), out);
    out = PutVarint(shape.header_count, out);
    for (int32_t i = 0; i < shape.header_count; ++i) {
      Header header = record.header(i);
      out = PutField(header.key, out);
      out = PutField(header.value, out);
    }
  }
  NORN_CHECK(out == expected_end) << "records encoded " << out - expected_end << " bytes too long";
  return out;
}

bool operator==(const RecordSet& a, const RecordSet& b) {
  if (a.SharesStorageWith(b)) return true;
  if (a.count() != b.count()) return false;
  if (a.size_in_bytes() != b.size_in_bytes()) return false;
  if (a.is_opaque() || b.is_opaque()) {
    std::string left(static_cast<size_t>(a.size_in_bytes()), '\0');
    std::string right(left.size(), '\0');
    a.EncodeTo(left.data());
    b.EncodeTo(right.data());
    return left == right;
  }
  for (int32_t i = 0; i < a.count(); ++i) {
    if (!(a[i] == b[i])) return false;
  }
  return true;
}

void RecordSet::Free(Block* block) { ::operator delete(block); }

void RecordSetBuilder::Append(int64_t timestamp_delta_ms, const Payload& key, const Payload& value,
                              std::span<const Header> headers, RecordId id) {
  if (headers.empty()) return Append(timestamp_delta_ms, key, value, id);
  const int64_t size = SizeOfNext(timestamp_delta_ms, key, value, headers);
  lists_.push_back({static_cast<uint32_t>(headers_.size()), static_cast<uint32_t>(headers.size())});
  for (const Header& h : headers) {
    uint32_t key_at = KeepBytes(h.key);
    uint32_t value_at = h.value.is_kept() ? KeepBytes(h.value.kept()) : kNotKept;
    headers_.push_back({key_at, static_cast<int32_t>(h.key.size()), value_at, h.value.wire_size()});
  }
  AppendRow(timestamp_delta_ms, key, value, id, static_cast<uint32_t>(lists_.size()), size);
}

int64_t RecordSetBuilder::SizeOfNext(int64_t timestamp_delta_ms, const Payload& key,
                                     const Payload& value, std::span<const Header> headers) const {
  RecordShape shape = {timestamp_delta_ms,
                       count(),
                       key.wire_size(),
                       value.wire_size(),
                       static_cast<int32_t>(headers.size()),
                       0};
  for (const Header& h : headers) {
    shape.headers_size += HeaderSize(static_cast<int32_t>(h.key.size()), h.value.wire_size());
  }
  return RecordSize(shape);
}

uint32_t RecordSetBuilder::KeepBytes(std::string_view bytes) {
  const size_t at = arena_.size();
  NORN_CHECK(at + bytes.size() < kArenaLimit) << "one batch keeps more than 2^30 bytes";
  arena_.insert(arena_.end(), bytes.begin(), bytes.end());
  return static_cast<uint32_t>(at);
}

uint32_t RecordSetBuilder::Keep(const Payload& key, const Payload& value) {
  auto kept = static_cast<uint32_t>(arena_.size());
  if (key.is_kept()) {
    KeepBytes(key.kept());
    kept |= kKeyKept;
  }
  if (value.is_kept()) {
    KeepBytes(value.kept());
    kept |= kValueKept;
  }
  return kept;
}

RecordSet RecordSetBuilder::Seal() {
  if (rows_.empty()) return RecordSet();
  size_t size = sizeof(Block) + rows_.size() * sizeof(Row) + lists_.size() * sizeof(HeaderList) +
                headers_.size() * sizeof(HeaderRow) + arena_.size();
  auto* block = new (::operator new(size)) Block{};
  block->owners = 1;
  block->count = count();
  block->size_in_bytes = size_in_bytes_;
  block->max_timestamp_delta_ms = max_timestamp_delta_ms_;
  block->header_lists = static_cast<uint32_t>(lists_.size());
  block->header_rows = static_cast<uint32_t>(headers_.size());
  block->arena_size = static_cast<uint32_t>(arena_.size());
  char* out = PutAll(rows_, reinterpret_cast<char*>(block + 1));
  out = PutAll(lists_, out);
  out = PutAll(headers_, out);
  PutAll(arena_, out);
  Clear();
  return RecordSet(block);
}

void RecordSetBuilder::Clear() {
  size_in_bytes_ = 0;
  max_timestamp_delta_ms_ = 0;
  rows_.clear();
  lists_.clear();
  headers_.clear();
  arena_.clear();
}

}  // namespace norn::model
