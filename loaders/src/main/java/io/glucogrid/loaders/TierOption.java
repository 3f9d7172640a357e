package io.glucogrid.loaders;

import org.jspecify.annotations.Nullable;

/** Which tier a verb works on. */
public final class TierOption {
    private TierOption() {}

    /** The address that was given, or else the same default as a node's. */
    public static String root(@Nullable String given) {
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

    /** The tier that the environment names; null where it names none. */
    public static @Nullable String configured() {
        String uri = System.getenv("GRID_OFFLINE_URI");
        return uri == null || uri.isBlank() ? null : uri;
    }
}
