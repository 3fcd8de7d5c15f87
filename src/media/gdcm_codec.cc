// The module libtenfold_gdcm.so: see gdcm_codec.h.
#include "media/gdcm_codec.h"

#include <gdcmDataElement.h>
#include <gdcmImage.h>
#include <gdcmJPEG12Codec.h>
#include <gdcmJPEG16Codec.h>
#include <gdcmJPEG8Codec.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTrace.h>

#include <algorithm>
#include <istream>
#include <span>
#include <sstream>
#include <streambuf>

namespace tenfold::media {
namespace {

/// GDCM reads from a stream; this one is the bytes themselves.
class BytesBuffer : public std::streambuf {
 public:
  explicit BytesBuffer(std::string_view bytes) {
    char* begin = const_cast<char*>(bytes.data());  // never written: there is no put area
    setg(begin, begin, begin + bytes.size());
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const off_type base = from == std::ios_base::beg   ? 0
                          : from == std::ios_base::cur ? gptr() - eback()
                                                       : egptr() - eback();
    const off_type to = base + offset;
    if (to < 0 || to > egptr() - eback()) return pos_type(off_type(-1));
    setg(eback(), eback() + to, egptr());
    return pos_type(to);
  }
  pos_type seekpos(pos_type to, std::ios_base::openmode which) override {
    return seekoff(off_type(to), std::ios_base::beg, which);
  }
};

/// GDCM reports to stderr by default; what concerns a caller comes back as an Error.
void silence_gdcm() {
  static const bool done = [] {
    gdcm::Trace::DebugOff();
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
    return true;
  }();
  static_cast<void>(done);
}

/// What the decoder shall produce; it goes by the precision of the stream, which the header need not repeat.
gdcm::PixelFormat format_of(const CodedFrame& coded) {
  const auto stored = static_cast<unsigned short>(coded.bits);
  return gdcm::PixelFormat(static_cast<unsigned short>(coded.samples), coded.bits > 8 ? 16 : 8, stored,
                           static_cast<unsigned short>(stored - 1), coded.is_signed ? 1 : 0);
}

gdcm::PhotometricInterpretation photometric_of(const CodedFrame& coded) {
  return gdcm::PhotometricInterpretation::GetPIType(coded.photometric);
}

/// JPEG lossless and JPEG of more than 8 bits. The codec for the stream's own precision is called at once; GDCM's way
/// to it tries the others first, and they complain on stderr.
template <class Codec>
bool decode_jpeg(const CodedFrame& coded, std::span<char> bytes) {
  Codec codec;
  const unsigned int dimensions[3] = {coded.columns, coded.rows, 1};
  codec.SetDimensions(dimensions);
  codec.gdcm::ImageCodec::SetPixelFormat(format_of(coded));
  codec.SetPhotometricInterpretation(photometric_of(coded));
  BytesBuffer buffer(coded.bytes);
  std::istream in(&buffer);
  std::ostringstream out;
  if (!codec.DecodeByStreams(in, out)) return false;
  const std::string_view decoded = out.view();
  if (decoded.size() != bytes.size()) return false;
  std::copy(decoded.begin(), decoded.end(), bytes.begin());
  return true;
}

/// JPEG-LS and JPEG 2000.
bool decode_image(const CodedFrame& coded, std::span<char> bytes) {
  gdcm::Image image;
  image.SetNumberOfDimensions(2);
  image.SetDimension(0, coded.columns);
  image.SetDimension(1, coded.rows);
  image.SetPixelFormat(format_of(coded));
  image.SetPhotometricInterpretation(photometric_of(coded));
  image.SetTransferSyntax(gdcm::TransferSyntax(gdcm::TransferSyntax::GetTSType(coded.transfer_syntax)));
  gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  gdcm::Fragment fragment;
  fragment.SetByteValue(coded.bytes.data(), static_cast<std::uint32_t>(coded.bytes.size()));
  fragments->AddFragment(fragment);
  gdcm::DataElement element(gdcm::Tag(0x7FE0, 0x0010), 0xFFFFFFFF, gdcm::VR::OB);
  element.SetValue(*fragments);
  image.SetDataElement(element);
  return image.GetBufferLength() == bytes.size() && image.GetBuffer(bytes.data());
}

}  // namespace
}  // namespace tenfold::media

extern "C" __attribute__((visibility("default"))) bool tenfold_gdcm_decode(const tenfold::media::CodedFrame& coded,
                                                                           char* out, std::size_t size) {
  using namespace tenfold::media;
  silence_gdcm();
  const std::span<char> bytes(out, size);
  if (!coded.jpeg) return decode_image(coded, bytes);
  if (coded.bits <= 8) return decode_jpeg<gdcm::JPEG8Codec>(coded, bytes);
  if (coded.bits <= 12) return decode_jpeg<gdcm::JPEG12Codec>(coded, bytes);
  return decode_jpeg<gdcm::JPEG16Codec>(coded, bytes);
}
