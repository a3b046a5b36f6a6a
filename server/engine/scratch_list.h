// A list for the time of one call.
#ifndef BANTAM_SERVER_ENGINE_SCRATCH_LIST_H_
#define BANTAM_SERVER_ENGINE_SCRATCH_LIST_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/base/attributes.h"

namespace bantam {

// As long as it has no more than `kUsual` elements, it needs no heap; they are not cleared
// beforehand, and to add one is a comparison and a copy. For plain data.
template <typename T, size_t kUsual>
class ScratchList {
 public:
  static_assert(std::is_trivially_copyable<T>::value);

  ScratchList() {}  // NOLINT: by default it would be deleted, for the elements not yet made.
  ScratchList(const ScratchList& other) { *this = other; }  // NOLINT: the same.
  ScratchList& operator=(const ScratchList& other) {
    if (this == &other) return *this;
    Resize(other.size_);
    std::copy(other.begin(), other.end(), data_);
    return *this;
  }

  void Add(const T& element) {
    if (size_ == capacity_) GrowTo(2 * capacity_);
    new (&data_[size_++]) T(element);
  }

  // Makes room for this many, so that elements stay where they are until there are more.
  void Reserve(size_t size) {
    if (size > capacity_) GrowTo(size);
  }

  // Makes it this long. New elements hold anything: they are to be set before they are read.
  void Resize(size_t size) {
    Reserve(size);
    size_ = size;
  }

  // Keeps the first `size`, which is not more than there are.
  void Shrink(size_t size) { size_ = size; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  // Of one element, which sets nothing when it is made.
  struct alignas(T) Room {
    unsigned char bytes[sizeof(T)];
  };

  // Not inlined, so that Add() is.
  ABSL_ATTRIBUTE_NOINLINE void GrowTo(size_t capacity) {
    std::unique_ptr<Room[]> more(new Room[capacity]);
    T* const data = reinterpret_cast<T*>(more.get());
    std::copy(begin(), end(), data);
    more_ = std::move(more);
    data_ = data;
    capacity_ = capacity;
  }

  size_t size_ = 0;
  size_t capacity_ = kUsual;
  T* data_ = usual_;
  union {
    T usual_[kUsual];
  };
  std::unique_ptr<Room[]> more_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SCRATCH_LIST_H_
