#ifndef BANTAM_SERVER_TELEMETRY_THREAD_NUMBER_H_
#define BANTAM_SERVER_TELEMETRY_THREAD_NUMBER_H_

namespace bantam {

// The calling thread's number: from 0, one of its own among all threads that live, and small, since
// numbers of threads that have ended are given out again. Takes a lock the first time in a thread.
int ThreadNumber();

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_THREAD_NUMBER_H_
