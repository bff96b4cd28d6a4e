// The command line: the only part that prints or decides exit codes.
#pragma once

namespace unik::cli {

// Returns the process's exit code; see ExitCode and `unik help exit-codes`.
int run(int argc, char** argv);

} // namespace unik::cli
