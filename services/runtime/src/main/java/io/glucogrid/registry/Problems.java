package io.glucogrid.registry;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Everything wrong with a set of definition files, so that one run shows it all. */
final class Problems {
    private static final int MAX_SHOWN = 100;

    private final List<String> files = new ArrayList<>();
    private final List<Problem> found = new ArrayList<>();
    private int count;

    private record Problem(int file, int line, String text) {}

    void add(String file, int line, String text) {
        count++;
        if (!files.contains(file)) {
            files.add(file);
        }
        Problem problem = new Problem(files.indexOf(file), line, text);
        if (!found.contains(problem)) { // what a definition inherits is wrong in it too
            found.add(problem);
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** How many were added so far, repeated ones too. */
    int count() {
        return count;
    }

    /** Throws INVALID_CONFIG with every problem on a line of its own, file by file from the top, where there is one. */
    void throwIfAny() {
        if (found.isEmpty()) {
            return;
        }
        String shown = found.stream()
                .sorted(Comparator.comparingInt(Problem::file).thenComparingInt(Problem::line))
                .limit(MAX_SHOWN)
                .map(problem -> files.get(problem.file()) + ":" + problem.line() + ": " + problem.text())
                .collect(Collectors.joining("\n"));
        String rest = found.size() > MAX_SHOWN ? "\n… and " + (found.size() - MAX_SHOWN) + " more" : "";
        throw new GridException(ErrorCode.INVALID_CONFIG, "definitions: " + shown + rest);
    }
}
