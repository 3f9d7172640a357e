package io.glucogrid.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a name stands for, and what it stood for before: as a text, ids with a space between them, the present one first. One
 * value, so that a version and the way back from it move by one compare-and-set.
 *
 * @param id {@code name@version} of the present one; empty for none
 * @param before those before it, the latest first
 */
record Trail(String id, List<String> before) {
    /** Nothing, and nothing before. */
    static final Trail NONE = new Trail("", List.of());

    private static final int LONGEST = 16;

    Trail {
        before = List.copyOf(before);
    }

    static Trail of(String id) {
        return new Trail(id, List.of());
    }

    static Trail parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return NONE;
        }
        List<String> ids = List.of(text.split(" "));
        return new Trail(ids.get(0), ids.subList(1, ids.size()));
    }

    boolean isNone() {
        return id.isEmpty();
    }

    /** The same name with another present version. */
    Trail moved(String next) {
        if (next.equals(id)) {
            return this;
        }
        List<String> past = new ArrayList<>();
        if (!isNone()) {
            past.add(id);
        }
        past.addAll(before);
        return new Trail(next, past.subList(0, Math.min(LONGEST, past.size())));
    }

    /** The way back to the last one before that passes; null where none does. Going back leaves no trace to come back by. */
    @Nullable
    Trail back(Predicate<String> exists) {
        for (int i = 0; i < before.size(); i++) {
            String candidate = before.get(i);
            if (!candidate.equals(id) && exists.test(candidate)) {
                return new Trail(candidate, before.subList(i + 1, before.size()));
            }
        }
        return null;
    }

    /** This where it is there, or else what {@link #back} answers, or else {@link #NONE}. */
    Trail orBack(Predicate<String> exists) {
        if (isNone() || exists.test(id)) {
            return this;
        }
        Trail back = back(exists);
        return back == null ? NONE : back;
    }

    String text() {
        return before.isEmpty() ? id : id + " " + String.join(" ", before);
    }
}
