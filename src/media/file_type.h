// What a file is, by its content, whatever it is called.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/base.h"

namespace tenfold::media {

/// How many bytes of a file's beginning are looked at.
constexpr std::size_t kTypeBeginning = 16 * 1024;

/// "png", "jpeg", "tiff", "dicom"; "pdf", "docx", "html", "eml", "text"; "mp4", "matroska", "avi", "mpeg-ts", "gif";
/// "json", "csv" (or tab- or semicolon-separated), "parquet", "sqlite", "xlsx"; "zip", "gzip"; "" for what is none of
/// these. The beginning of a text decides what kind of text it is: JSON by its first character, HTML by its first tag,
/// mail by its header fields (RFC 5322), a table by a separator that each of its first lines has equally often.
/// `ending`: of a file that begins as a ZIP archive, its last kTypeBeginning bytes.
std::string_view file_type(std::string_view beginning, std::string_view ending = {});

/// The same of a file on disk. Errors: those of read_beginning (text_file.h).
Result<std::string_view> file_type_of(const std::string& path);

}  // namespace tenfold::media
