"""Scallop's .scl files: which can be run here, and which need something that is not Scallop's language."""
import re

FOLDERS = ("examples", "etc/scallop-cli/examples", "experiments")
# Attributes and predicates of plugins that call models or Python.
PLUGIN = re.compile(r"@(gpt\w*|clip\w*|cmd_arg|py_eval|gemini\w*|owl_vit|segment_anything|face_\w+|resnet\w*|plip\w*|"
                    r"transformers\w*|roberta\w*|vilt\w*|dsfd\w*|codellama\w*|sam\w*|opencv\w*|kaggle\w*|gpu\w*|"
                    r"foreign\w*|biomed\w*|llama\w*|\w*_encoder)\b|\$(load_image|save_image|print_image|crop_image|"
                    r"gpt\w*|clip\w*|cat|py_eval|segment\w*|image_\w+|parse_json\w*|set_bgr\w*)\b|"
                    r"^\s*extern\s+type|\bgpt\w*\s*\(|\bTensor\b", re.M)
REFUSED = ("examples/legacy/invalid_scl/", "examples/legacy/bug_scl/arity-mismatch-1/")


def programs(root):
    for folder in FOLDERS:
        yield from sorted((root / folder).rglob("*.scl"))


def text_of(file, seen=None):
    """A program's text with that of its imports."""
    seen = seen if seen is not None else set()
    if file in seen or not file.exists():
        return ""
    seen.add(file)
    text = file.read_text()
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    return bare + "".join("\n" + text_of(file.parent / name, seen)
                          for name in re.findall(r'^\s*import\s+"([^"]+)"', bare, re.M))


def needs(file, root):
    """Why a program cannot be run by any engine from the sources alone; empty when it can."""
    text = text_of(file)
    if found := PLUGIN.search(text):
        return f"a plugin of Scallop's Python tools: `{found.group().strip()}`"
    for name in re.findall(r'@file\(\s*"([^"]+)"', text):
        if not (root / name).exists() and not (file.parent / name).exists():
            return f"a data file that is not in the sources: {name}"
    for name in re.findall(r'^\s*import\s+"([^"]+)"', text, re.M):
        if not (file.parent / name).exists():
            return f"an import that is not in the sources: {name}"
    return ""


def must_be_refused(file, root):
    return file.relative_to(root).as_posix().startswith(REFUSED)
