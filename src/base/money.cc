#include "base/money.h"

#include <utility>

namespace tenfold {
namespace {

// Without codes for tests and for no currency. Those of funds and metals have no smallest unit.
constexpr std::string_view kCurrencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP "
    "LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW "
    "ZWG ZWL ";
constexpr std::string_view kWithoutUnit = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XUA ";
constexpr std::string_view kNone = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view kThree = "BHD IQD JOD KWD LYD OMR TND ", kFour = "CLF UYW ";

bool lists(std::string_view codes, std::string_view code) {
  for (; !codes.empty(); codes.remove_prefix(4))
    if (codes.substr(0, 3) == code) return true;
  return false;
}

}  // namespace

Money as_money(Cell c, const Symbols& symbols) {
  const auto [amount, code] = symbols.terms().pair(static_cast<TermId>(c));
  return {amount, {static_cast<char>(code >> 16), static_cast<char>(code >> 8), static_cast<char>(code)}};
}

Cell cell_of(const Money& money, Symbols& symbols) {
  std::uint64_t code = 0;
  for (const char c : money.currency) code = code << 8 | static_cast<unsigned char>(c);
  return symbols.terms().pair(money.amount, code);
}

std::optional<std::uint32_t> minor_digits(std::array<char, 3> currency) {
  const std::string_view code(currency.data(), currency.size());
  if (lists(kNone, code)) return 0;
  if (lists(kThree, code)) return 3;
  if (lists(kFour, code)) return 4;
  return lists(kCurrencies, code) ? std::optional<std::uint32_t>(2) : std::nullopt;
}

std::optional<std::array<char, 3>> currency_named(std::string_view code) {
  if (code.size() != 3 || (!lists(kCurrencies, code) && !lists(kWithoutUnit, code))) return std::nullopt;
  return std::array<char, 3>{code[0], code[1], code[2]};
}

std::string money_text(const Money& money, const Symbols& symbols) {
  std::string text = rational::text(money.amount, symbols);
  if (text.find('/') == std::string::npos) {
    const std::size_t point = text.find('.'), decimals = point == std::string::npos ? 0 : text.size() - point - 1;
    const std::size_t least = minor_digits(money.currency).value_or(0);
    if (decimals < least) text = rational::fixed(money.amount, least, symbols);
  }
  return text + " " + std::string(money.currency.data(), money.currency.size());
}

std::optional<Money> parse_money(std::string_view text, Symbols& symbols) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  std::string_view amount = text.substr(0, blank), code = text.substr(blank + 1);
  if (!code.empty() && !(code[0] >= 'A' && code[0] <= 'Z')) std::swap(amount, code);
  const auto currency = currency_named(code);
  const auto value = currency ? rational::parse(amount, symbols) : std::nullopt;
  return value ? std::optional(Money{*value, *currency}) : std::nullopt;
}

}  // namespace tenfold
