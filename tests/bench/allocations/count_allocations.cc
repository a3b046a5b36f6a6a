// Counts heap allocations by who asked for them. To be loaded before a program (LD_PRELOAD); the
// counts stand in the file that BANTAM_ALLOCATIONS names: four numbers of eight bytes, for the
// program itself, protobuf, gRPC, and nobody of these.
//
// The one who asked is the nearest caller among the program, protobuf and gRPC: what a library such
// as Abseil or RE2 allocates belongs to whoever called it. Templates and inline functions belong to
// whoever instantiated them.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

enum Owner { kProgram, kProtobuf, kGrpc, kNobody, kOwners };
constexpr int kLibrary = -1;  // Its caller asked.

struct Segment {
  uintptr_t begin;
  uintptr_t end;
  int owner;
};

constexpr int kMaxSegments = 512;
Segment segments[kMaxSegments];
int segment_count = 0;
std::atomic<uint64_t>* counts = nullptr;  // Null: not counting.
thread_local bool inside __attribute__((tls_model("initial-exec"))) = false;

int OwnerOf(const char* file) {
  if (*file == '\0') return kProgram;
  if (std::strstr(file, "libprotobuf") != nullptr) return kProtobuf;
  const bool is_grpc =
      std::strstr(file, "libgrpc") != nullptr || std::strstr(file, "libgpr") != nullptr;
  return is_grpc ? kGrpc : kLibrary;
}

int AddSegments(dl_phdr_info* info, size_t, void*) {
  const int owner = OwnerOf(info->dlpi_name);
  for (int i = 0; i < info->dlpi_phnum && segment_count < kMaxSegments; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    segments[segment_count++] = {begin, begin + header.p_memsz, owner};
  }
  return 0;
}

_Unwind_Reason_Code OnFrame(_Unwind_Context* context, void* owner) {
  const uintptr_t at = _Unwind_GetIP(context) - 1;
  for (int i = 0; i < segment_count; ++i) {
    if (at < segments[i].begin || at >= segments[i].end) continue;
    if (segments[i].owner == kLibrary) return _URC_NO_REASON;
    *static_cast<int*>(owner) = segments[i].owner;
    return _URC_END_OF_STACK;
  }
  return _URC_NO_REASON;
}

void Count() {
  if (counts == nullptr || inside) return;
  inside = true;
  int owner = kNobody;
  _Unwind_Backtrace(OnFrame, &owner);
  counts[owner].fetch_add(1, std::memory_order_relaxed);
  inside = false;
}

// Before main(), when all libraries are loaded.
__attribute__((constructor)) void Begin() {
  const char* const path = getenv("BANTAM_ALLOCATIONS");
  if (path == nullptr) return;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void* const shared =
      mmap(nullptr, kOwners * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (shared == MAP_FAILED) return;
  dl_iterate_phdr(AddSegments, nullptr);
  // The unwinder may allocate when it is used for the first time.
  inside = true;
  int owner = kNobody;
  _Unwind_Backtrace(OnFrame, &owner);
  inside = false;
  counts = static_cast<std::atomic<uint64_t>*>(shared);
}

}  // namespace

extern "C" {

void* malloc(size_t size) {
  Count();
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  Count();
  return __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
  Count();
  return __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) {
  Count();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  Count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
  Count();
  *block = __libc_memalign(alignment, size);
  return *block != nullptr ? 0 : ENOMEM;
}

}  // extern "C"
