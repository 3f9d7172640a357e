package io.glucogrid.forecast;

import java.util.Arrays;

/** How a forecaster comes to a subject's coefficients. */
public enum Kind {
    /** Those of the population, for everybody. */
    POOLED("v2"),
    /** The subject's own, shrunk to the population's and fixed at the training. */
    SHRUNK("v3"),
    /** Like {@link #SHRUNK} and kept current: every reading is learnt in the subject's state. */
    ONLINE("v4"),
    /** Like {@link #SHRUNK} by least absolute deviations, which aims at the median. */
    ROBUST("v5");

    private final String label;

    Kind(String label) {
        this.label = label;
    }

    /** What users call it, such as {@code v4}; also the name of its models. */
    public String label() {
        return label;
    }

    /** Whether each subject's coefficients are stored with the model. */
    public boolean hasStoredCoefficients() {
        return this == SHRUNK || this == ROBUST;
    }

    /** Whether some kind has that label. */
    public static boolean isKind(String label) {
        return Arrays.stream(values()).anyMatch(kind -> kind.label.equals(label));
    }

    /** The kind of a label; {@link IllegalArgumentException} where there is none. */
    public static Kind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind '" + label + "'; there are v2, v3, v4, v5"));
    }
}
