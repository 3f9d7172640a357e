package io.glucogrid.registry;

import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.json.Marked;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One mapping of a definition file, read key by key; {@link #finish} reports the keys that nobody asked for. */
final class Section {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,99}");

    private final String file;
    private final String what;
    private final int line;
    private final Map<String, Marked> members;
    private final Problems problems;
    private final Set<String> known = new TreeSet<>();

    Section(String file, String what, Marked value, Problems problems) {
        this.file = file;
        this.what = what;
        this.line = value.line();
        this.problems = problems;
        Map<String, Marked> mapping = value.mapping();
        if (mapping == null) {
            problem(value.line(), what + " must be a mapping, not " + value.kind());
        }
        this.members = mapping == null ? Map.of() : mapping;
    }

    int line() {
        return line;
    }

    String file() {
        return file;
    }

    /** Line of a key, or of the section where the key is absent. */
    int line(String key) {
        Marked value = members.get(key);
        return value == null ? line : value.line();
    }

    void problem(int at, String text) {
        problems.add(file, at, text);
    }

    @Nullable
    Marked get(String key) {
        known.add(key);
        Marked value = members.get(key);
        if (value != null && value.value() == null) {
            problem(value.line(), "'" + key + "' of " + what + " has no value");
            return null;
        }
        return value;
    }

    /** The text of a scalar; null where the key is absent. */
    @Nullable
    String text(String key) {
        Marked value = get(key);
        if (value == null) {
            return null;
        }
        String text = value.scalar();
        if (text == null) {
            problem(value.line(), "'" + key + "' of " + what + " must be a text, not " + value.kind());
        }
        return text;
    }

    String text(String key, String fallback) {
        String text = text(key);
        return text == null ? fallback : text;
    }

    /** The text of a scalar that must be there; empty where it is not. */
    String required(String key) {
        String text = text(key);
        if (text == null && members.get(key) == null) {
            problem(line, what + " needs '" + key + "'");
        }
        return text == null ? "" : text;
    }

    boolean flag(String key, boolean fallback) {
        String text = text(key);
        if (text == null) {
            return fallback;
        }
        if (!text.equals("true") && !text.equals("false")) {
            problem(line(key), "'" + key + "' must be true or false, not '" + text + "'");
        }
        return text.equals("true");
    }

    <E extends Enum<E>> E choice(String key, E fallback, Class<E> type) {
        String text = text(key);
        if (text == null) {
            return fallback;
        }
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        problem(
                line(key),
                "'" + key + "' must be one of " + String.join(", ", names) + ", not '" + text + "'"
                        + DidYouMean.suffix(text, names));
        return fallback;
    }

    /** Texts of a list; none where the key is absent. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        Marked value = get(key);
        if (value == null) {
            return texts;
        }
        List<Marked> sequence = value.sequence();
        if (sequence == null) {
            problem(value.line(), "'" + key + "' of " + what + " must be a list, not " + value.kind());
            return texts;
        }
        for (Marked element : sequence) {
            String text = element.scalar();
            if (text == null) {
                problem(element.line(), "'" + key + "' of " + what + " must hold names, not " + element.kind());
            } else {
                texts.add(text);
            }
        }
        return texts;
    }

    /** Names of the section's members, each checked to be usable as a name. */
    Map<String, Marked> named() {
        Map<String, Marked> named = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            known.add(name);
            if (NAME.matcher(name).matches()) {
                named.put(name, value);
            } else {
                problem(
                        value.line(),
                        "'" + name + "' is not a name: letters, digits and underscores, a letter first, at most 100");
            }
        });
        return named;
    }

    /** Checks a name that stands as a value. */
    String name(String key, String value) {
        if (!value.isEmpty() && !NAME.matcher(value).matches()) {
            problem(
                    line(key),
                    "'" + value + "' is not a name: letters, digits and underscores, a letter first, at most 100");
        }
        return value;
    }

    /** The mapping behind a key as a section of its own; null where the key is absent. */
    @Nullable
    Section section(String key) {
        Marked value = get(key);
        return value == null ? null : new Section(file, "'" + key + "' of " + what, value, problems);
    }

    Section section(String name, Marked value, String kind) {
        return new Section(file, kind + " '" + name + "'", value, problems);
    }

    /** Texts by name, such as tags. */
    Map<String, String> textMap(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        Section section = section(key);
        if (section != null) {
            for (String name : section.members.keySet()) {
                texts.put(name, section.text(name, ""));
            }
        }
        return texts;
    }

    /** Values by name, read later; none where the key is absent. */
    Map<String, Marked> values(String key) {
        Section section = section(key);
        return section == null ? Map.of() : section.members;
    }

    /** A value type by its name; null, with a problem, where there is none of that name. */
    @Nullable
    ValueType type(Marked value) {
        String text = value.scalar();
        List<String> names =
                Arrays.stream(ValueType.values()).map(ValueType::name).toList();
        if (text == null || !names.contains(text)) {
            String suffix = text == null ? "" : DidYouMean.suffix(text, names);
            problem(value.line(), value.kind() + " is not a type; types are " + String.join(", ", names) + suffix);
            return null;
        }
        return ValueType.valueOf(text);
    }

    /** Reports every key that was never asked for. */
    void finish() {
        members.forEach((key, value) -> {
            if (!known.contains(key)) {
                problem(
                        value.line(),
                        "unknown key '" + key + "'" + DidYouMean.suffix(key, known) + "; " + what + " may have "
                                + String.join(", ", known));
            }
        });
    }
}
