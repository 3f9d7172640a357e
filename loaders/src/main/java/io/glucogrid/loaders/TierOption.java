package io.glucogrid.loaders;

import java.net.URI;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which tier a verb works on. */
public final class TierOption {
    private TierOption() {}

    /** The address that was given, or else the same default as a node's. */
    static String root(@Nullable String given) {
        if (given != null) {
            return given;
        }
        String configured = configured();
        if (configured != null) {
            return configured;
        }
        String workDir = System.getenv("GRID_WORK_DIR");
        return (workDir == null || workDir.isBlank() ? ".glucogrid" : workDir) + "/offline";
    }

    /**
     * The tier that was named, or else that of the grid that listens, or else a node's default.
     *
     * @param api where a grid may listen
     * @param note takes a line where the grid's tier was chosen, or where the grid uses another one
     */
    public static URI choose(@Nullable String given, URI api, Consumer<String> note) {
        URI chosen = TierStorage.address(root(given));
        URI grid = new GridTier(api).address();
        if (grid == null || GridTier.same(grid, chosen)) {
            return chosen;
        }
        if (given != null || configured() != null || !GridTier.isHere(grid)) {
            note.accept("warning: the grid at " + api + " uses another tier, " + grid + "; this works on " + chosen);
            return chosen;
        }
        note.accept("using the tier of the grid at " + api + ": " + grid);
        return grid;
    }

    /** The tier that the environment names; null where it names none. */
    private static @Nullable String configured() {
        String uri = System.getenv("GRID_OFFLINE_URI");
        return uri == null || uri.isBlank() ? null : uri;
    }
}
