// tenfold-media: decodes files for the process that started it (reader.h), confined (sandbox.h). Not for people.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "media/reader.h"

int main() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    std::cerr << "tenfold-media: started by tenfold to decode files, not by hand\n";
    return 2;
  }
  // What decoders print about a file is for nobody: the error of a read says what is wrong.
  if (const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  _exit(tenfold::media::serve_media(STDIN_FILENO));
}
