// tenfold-worker: runs one model for the process that started it (isolated.h). Not for people.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "neural/backends/isolated.h"

int main() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    std::cerr << "tenfold-worker: started by tenfold for a network with isolate = true, not by hand\n";
    return 2;
  }
  const int result = tenfold::neural::serve_isolated(STDIN_FILENO);
  std::cerr.flush();
  _exit(result);  // libraries of back ends take long to go down, and free nothing the system would not
}
