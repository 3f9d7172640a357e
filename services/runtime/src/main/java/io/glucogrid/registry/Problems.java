package io.glucogrid.registry;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Everything wrong with a set of definition files, so that one run shows it all. */
final class Problems {
    private static final int MAX_SHOWN = 30;

    private final Set<String> found = new LinkedHashSet<>();

    void add(String file, int line, String problem) {
        found.add(file + ":" + line + ": " + problem);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Throws INVALID_CONFIG with every problem on a line of its own, where there is one. */
    void throwIfAny() {
        if (found.isEmpty()) {
            return;
        }
        String shown = found.stream().limit(MAX_SHOWN).collect(Collectors.joining("\n"));
        String rest = found.size() > MAX_SHOWN ? "\n… and " + (found.size() - MAX_SHOWN) + " more" : "";
        throw new GridException(ErrorCode.INVALID_CONFIG, "definitions: " + shown + rest);
    }
}
