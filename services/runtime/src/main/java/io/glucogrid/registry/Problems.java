package io.glucogrid.registry;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.List;

/** Everything wrong with a set of definition files, so that one run shows it all. */
final class Problems {
    private static final int MAX_SHOWN = 30;

    private final List<String> found = new ArrayList<>();

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
        String shown = String.join("\n", found.subList(0, Math.min(found.size(), MAX_SHOWN)));
        String rest = found.size() > MAX_SHOWN ? "\n… and " + (found.size() - MAX_SHOWN) + " more" : "";
        throw new GridException(ErrorCode.INVALID_CONFIG, "definitions: " + shown + rest);
    }
}
