#include "server/telemetry/decision_queue.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace bantam {
namespace {

// Enough for about 150 decisions without personal data.
constexpr size_t kChunkBytes = 64 << 10;

// Blocks that a part keeps for later.
constexpr size_t kMaxUnused = 4;

// The texts of a record, in the order in which they lie in a chunk.
constexpr absl::string_view DecisionRecord::*kTexts[] = {
    &DecisionRecord::request_id,   &DecisionRecord::traceparent, &DecisionRecord::caller,
    &DecisionRecord::method,       &DecisionRecord::lead_id,     &DecisionRecord::icp,
    &DecisionRecord::icp_revision, &DecisionRecord::grade,       &DecisionRecord::stage,
    &DecisionRecord::from_stage,   &DecisionRecord::to_stage,
};
constexpr size_t kTextCount = sizeof(kTexts) / sizeof(kTexts[0]);

// What stands in a chunk before the texts of a decision, and then its personal data.
struct Entry {
  absl::Time time;
  absl::Time evaluate_time;
  double score;
  v1::BulkOperation operation;
  v1::Verdict verdict;
  v1::AdvanceReason outcome;
  bool has_score;
  bool personal_data_omitted;
  uint16_t sizes[kTextCount];
  uint16_t personal_data_size;
};

static_assert(DecisionQueue::kMaxPersonalDataBytes < (1 << 16) &&
                  sizeof(Entry) + kTextCount * DecisionQueue::kMaxTextBytes +
                          DecisionQueue::kMaxPersonalDataBytes <=
                      kChunkBytes,
              "the largest decision fits into a chunk");

// `text`, cut to what an entry takes of it.
absl::string_view Cut(absl::string_view text) {
  if (text.size() <= DecisionQueue::kMaxTextBytes) return text;
  size_t size = DecisionQueue::kMaxTextBytes;
  // Not within a character of UTF-8.
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

class DecisionQueue::Chunk {
 public:
  bool HasRoom(size_t size) const { return kChunkBytes - used_ >= size; }
  bool empty() const { return used_ == 0; }
  void Clear() { used_ = 0; }

  void Append(const Entry& entry, const absl::string_view* texts, absl::string_view personal_data) {
    Append(&entry, sizeof(entry));
    for (size_t i = 0; i < kTextCount; ++i) Append(texts[i].data(), texts[i].size());
    Append(personal_data.data(), personal_data.size());
  }

  // Appends what is in here to `decisions`.
  void Read(std::vector<QueuedDecision>* decisions) const {
    for (const char* next = bytes_; next < bytes_ + used_;) {
      Entry entry;
      std::memcpy(static_cast<void*>(&entry), next, sizeof(entry));
      next += sizeof(entry);
      decisions->emplace_back();
      QueuedDecision& decision = decisions->back();
      DecisionRecord& record = decision.record;
      record.time = entry.time;
      record.evaluate_time = entry.evaluate_time;
      if (entry.has_score) record.score = entry.score;
      record.operation = entry.operation;
      record.verdict = entry.verdict;
      record.outcome = entry.outcome;
      for (size_t i = 0; i < kTextCount; ++i) {
        record.*kTexts[i] = absl::string_view(next, entry.sizes[i]);
        next += entry.sizes[i];
      }
      decision.personal_data = absl::string_view(next, entry.personal_data_size);
      decision.personal_data_omitted = entry.personal_data_omitted;
      next += entry.personal_data_size;
    }
  }

 private:
  void Append(const void* bytes, size_t size) {
    if (size == 0) return;
    std::memcpy(bytes_ + used_, bytes, size);
    used_ += size;
  }

  size_t used_ = 0;
  char bytes_[kChunkBytes];
};

DecisionQueue::DecisionQueue() = default;

DecisionQueue::~DecisionQueue() = default;

DecisionQueue::Part* DecisionQueue::PartOfThread() {
  static std::atomic<size_t> threads{0};
  thread_local const size_t number = threads.fetch_add(1, std::memory_order_relaxed);
  return &parts_[number % kParts];
}

void DecisionQueue::Add(const DecisionRecord& record, absl::string_view personal_data,
                        bool omitted) {
  Entry entry;
  entry.time = record.time;
  entry.evaluate_time = record.evaluate_time;
  entry.score = record.score.value_or(0);
  entry.operation = record.operation;
  entry.verdict = record.verdict;
  entry.outcome = record.outcome;
  entry.has_score = record.score.has_value();
  entry.personal_data_omitted = omitted;
  size_t size = sizeof(entry) + personal_data.size();
  absl::string_view texts[kTextCount];
  for (size_t i = 0; i < kTextCount; ++i) {
    texts[i] = Cut(record.*kTexts[i]);
    entry.sizes[i] = static_cast<uint16_t>(texts[i].size());
    size += texts[i].size();
  }
  entry.personal_data_size = static_cast<uint16_t>(personal_data.size());

  Part* const part = PartOfThread();
  MutexLock lock(part->mutex);
  if (part->open == nullptr || !part->open->HasRoom(size)) {
    if (part->open != nullptr) part->full.push_back(std::move(part->open));
    if (part->unused.empty()) {
      // Not std::make_unique, which would fill it with zeros.
      part->open.reset(new Chunk);
    } else {
      part->open = std::move(part->unused.back());
      part->unused.pop_back();
    }
  }
  part->open->Append(entry, texts, personal_data);
}

DecisionQueue::Taken DecisionQueue::TakeAll() {
  Taken taken(this);
  for (size_t i = 0; i < kParts; ++i) {
    Part& part = parts_[i];
    MutexLock lock(part.mutex);
    for (std::unique_ptr<Chunk>& chunk : part.full) taken.chunks_.emplace_back(i, std::move(chunk));
    part.full.clear();
    if (part.open != nullptr && !part.open->empty()) {
      taken.chunks_.emplace_back(i, std::move(part.open));
    }
  }
  for (const auto& [part, chunk] : taken.chunks_) chunk->Read(&taken.decisions_);
  std::stable_sort(taken.decisions_.begin(), taken.decisions_.end(),
                   [](const QueuedDecision& a, const QueuedDecision& b) {
                     return a.record.time < b.record.time;
                   });
  return taken;
}

DecisionQueue::Taken::Taken(DecisionQueue* queue) : queue_(queue) {}

DecisionQueue::Taken::Taken(Taken&&) noexcept = default;

DecisionQueue::Taken::~Taken() {
  for (auto& [number, chunk] : chunks_) {
    if (chunk == nullptr) continue;
    chunk->Clear();
    Part& part = queue_->parts_[number];
    MutexLock lock(part.mutex);
    if (part.unused.size() < kMaxUnused) part.unused.push_back(std::move(chunk));
  }
}

}  // namespace bantam
