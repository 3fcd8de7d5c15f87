// Types and constants: which names there are and what they stand for.
//   type Image <: String      type Level = usize      type Color = RED | GREEN = 5 | BLUE      const LIMIT: f64 = 5.5
#include <array>
#include <charconv>

#include "lang/draft.h"

namespace tenfold::lang {
namespace {

// A chain of aliases longer than this is a mistake or an attack.
constexpr std::size_t kMaxAliases = 64;

class NameTable {
 public:
  explicit NameTable(Unit& unit) : unit_(unit) {}

  void run() {
    for (const syntax::File& file : unit_.files)
      for (const syntax::Item& item : file.items) {
        if (const auto* type = std::get_if<syntax::TypeDecl>(&item.what)) declare(*type);
        if (const auto* constants = std::get_if<syntax::ConstDecl>(&item.what)) declare(*constants);
        if (const auto* function = std::get_if<syntax::TypeFunction>(&item.what))
          unit_.diagnostics.warning("foreign-function", function->name.span,
                                    "nothing computes " + ticked("$" + std::string(function->name.text)),
                                    "use one of the $functions that there are, or a relation");
      }
    for (const syntax::File& file : unit_.files)
      for (const syntax::Item& item : file.items) {
        if (const auto* type = std::get_if<syntax::TypeDecl>(&item.what)) check(*type);
        if (const auto* constants = std::get_if<syntax::ConstDecl>(&item.what)) give_types(*constants);
      }
    give_fields();
  }

 private:
  void declare(const syntax::TypeDecl& decl) {
    const auto [known, fresh] = unit_.types.emplace(decl.name.text, DeclaredType{&decl});
    if (!fresh) return twice("type", decl.name, known->second.decl->name.span);
    if (decl.kind == syntax::TypeDecl::Kind::algebraic) construct(decl);
    if (decl.kind == syntax::TypeDecl::Kind::enumeration) enumerate(decl);
  }

  void construct(const syntax::TypeDecl& decl) {
    for (const syntax::TypeDecl::Member& member : decl.members) {
      const auto id = static_cast<ConstructorId>(unit_.constructors.size() + 1);
      const auto [known, fresh] = unit_.constructor_ids.emplace(member.name.text, id);
      if (!fresh)
        twice("constructor", member.name, unit_.constructor(known->second).member->name.span);
      else
        unit_.constructors.push_back({&member, {}, kNone});
    }
  }

  void twice(std::string_view kind, const syntax::Name& name, Span before) {
    unit_.error("duplicate", name.span,
                "the " + std::string(kind) + " " + ticked(name.text) + " is declared twice, first " +
                    unit_.sources.where_text(before, name.span),
                "remove one of the two, or rename it");
  }

  void enumerate(const syntax::TypeDecl& decl) {
    std::int64_t next = 0;
    std::unordered_map<std::int64_t, std::string_view> taken;
    for (const syntax::TypeDecl::Member& member : decl.members) {
      if (member.value) {
        const std::string_view digits = unit_.sources.text(member.value->span);
        const auto end = digits.data() + digits.size();
        const auto [stop, failed] = std::from_chars(digits.data(), end, next);
        if (member.value->literal != Tok::integer || failed != std::errc{} || stop != end || next < 0) {
          unit_.error("enum-value", member.value->span, "the value of an enumeration's member is a whole number from 0",
                      "write " + std::string(member.name.text) + " = 5");
          next = 0;
        }
      }
      const auto [other, free] = taken.emplace(next, member.name.text);
      if (!free)
        unit_.error(
            "enum-value", member.name.span,
            ticked(member.name.text) + " has the value " + std::to_string(next) + ", as has " + ticked(other->second),
            "give the members different values");
      DeclaredConstant constant;
      constant.value = next++;
      constant.type = Type::usize;
      constant.span = member.name.span;
      add(member.name, constant);
    }
  }

  void add(const syntax::Name& name, const DeclaredConstant& constant) {
    const auto [known, fresh] = unit_.constants.emplace(name.text, constant);
    if (!fresh) twice("constant", name, known->second.span);
  }

  void declare(const syntax::ConstDecl& decl) {
    for (const auto& assignment : decl.assignments) {
      DeclaredConstant constant;
      constant.expr = &assignment.value;
      constant.span = assignment.name.span;
      add(assignment.name, constant);
    }
  }

  void check(const syntax::TypeDecl& decl) {
    using Kind = syntax::TypeDecl::Kind;
    if (decl.kind != Kind::alias && decl.kind != Kind::subtype) return;
    const auto type = resolve_type(unit_, decl.type);
    if (type == Type::entity && decl.kind == Kind::subtype)
      unit_.error("type", decl.type.span, "an algebraic type has no sub-types",
                  "write type " + std::string(decl.name.text) + " = " + std::string(decl.type.text));
    if (!type) unit_.types.find(decl.name.text)->second.refused = true;
  }

  void give_types(const syntax::ConstDecl& decl) {
    for (const auto& assignment : decl.assignments) {
      if (!assignment.type) continue;
      const auto type = resolve_type(unit_, *assignment.type);
      DeclaredConstant& constant = unit_.constants.find(assignment.name.text)->second;
      if (type)
        constant.type = type;
      else
        constant.refused = true;
    }
  }

  void give_fields() {
    for (DeclaredConstructor& c : unit_.constructors)
      for (const syntax::TypeName& field : c.member->fields) c.fields.push_back(resolve_type(unit_, field));
  }

  Unit& unit_;
};

std::optional<Type> built_in(std::string_view text) {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Type::money); ++i)
    if (name(static_cast<Type>(i)) == text) return static_cast<Type>(i);
  return std::nullopt;
}

}  // namespace

std::optional<Type> resolve_type(Unit& unit, const syntax::TypeName& written) {
  std::string_view text = written.text;
  std::unordered_set<std::string_view> met;
  for (;;) {
    const auto declared = unit.types.find(text);
    if (declared == unit.types.end())  // Rational and Money are no reserved words: a program may declare its own
      if (const auto type = built_in(text)) return type;
    if (declared == unit.types.end()) {
      if (!unit.worth_telling(text)) return std::nullopt;
      std::vector<std::string> names;
      for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Type::money); ++i)
        names.emplace_back(name(static_cast<Type>(i)));
      for (const syntax::File& file : unit.files)
        for (const syntax::Item& item : file.items)
          if (const auto* decl = std::get_if<syntax::TypeDecl>(&item.what)) names.emplace_back(decl->name.text);
      unit.error("unknown-type", written.span, "there is no type " + ticked(text),
                 did_you_mean(text, names, "declare it: type " + std::string(text) + " <: String"));
      return std::nullopt;
    }
    if (declared->second.refused) return std::nullopt;
    const syntax::TypeDecl& decl = *declared->second.decl;
    if (decl.kind == syntax::TypeDecl::Kind::enumeration) return Type::usize;
    if (decl.kind == syntax::TypeDecl::Kind::algebraic) return Type::entity;
    if (!met.insert(text).second || met.size() > kMaxAliases) {
      unit.error("type-cycle", written.span,
                 "the type " + ticked(text) + " is declared by itself, or by too many others",
                 "declare it by a built-in type, such as String");
      declared->second.refused = true;
      return std::nullopt;
    }
    text = decl.type.text;
  }
}

void declare_names(Unit& unit) { NameTable(unit).run(); }

}  // namespace tenfold::lang
