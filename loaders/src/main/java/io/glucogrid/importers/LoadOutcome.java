package io.glucogrid.importers;

import java.nio.file.Path;
import java.util.Map;

/** What became of one file. */
interface LoadOutcome {
    Path file();

    /** Counts of rows for people, each with what they are of. */
    Map<String, Long> lines(boolean dryRun);

    /** The same for programs. */
    Map<String, Object> json();
}
