#ifndef BANTAM_CLIENT_COMMANDS_EXIT_CODES_H_
#define BANTAM_CLIENT_COMMANDS_EXIT_CODES_H_

namespace bantam {

// What `bantam` exits with. Shown by --help and in client/README.md.
enum ExitCode : int {
  kExitOk = 0,
  kExitSomeFailed = 1,   // Some leads or files failed; a check or test failed; not serving; there
                         // are differences.
  kExitUsage = 2,        // Bad options, files that cannot be used, output that cannot be written.
  kExitUnreachable = 3,  // The server cannot be reached, has no room, or not in time: try again.
  kExitRefused = 4,      // The request as a whole was refused, such as an unknown ICP.
};

inline constexpr char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0  all went well\n"
    "  1  some leads or files failed, a check or a test failed, the server is not serving, or\n"
    "     'icp diff' found differences\n"
    "  2  bad options, files that cannot be used, or output that cannot be written\n"
    "  3  the server cannot be reached, takes no more now, or does not answer in time: it may\n"
    "     later\n"
    "  4  the request as a whole was refused, such as an unknown ICP\n";

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_EXIT_CODES_H_
