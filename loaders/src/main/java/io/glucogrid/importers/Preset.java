package io.glucogrid.importers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A kind of synthetic person: parameters of {@link SyntheticSubject}'s model.
 *
 * <p>Calibrated so that a set of {@code HEALTHY} subjects resembles Hall et al. 2018 (mean 103 mg/dL, 95 % in 70–180) and one of
 * {@code T1D} the adults of Weinstock et al. 2016; good for load and looks, never for quoting a forecast's accuracy.
 */
public enum Preset {
    HEALTHY(0.27, 0.022, 1, 0.0041, 95, 7, 12.5, 325, 11, false),
    PREDIABETES(0.36, 0.018, 0.6, 0.0041, 104, 8, 14, 325, 11, false),
    T2D(0.5, 0.012, 0.3, 0.003, 138, 20, 16, 325, 18, false),
    T1D(0.8, 0.0045, 1, 0, 150, 18, 12.5, 300, 26, true);

    /** Share of eaten carbohydrate that reaches the blood. */
    final double absorbed;
    /** Glucose effectiveness at zero insulin, 1/min. */
    final double p1;
    /** Insulin sensitivity relative to a healthy person's. */
    final double sensitivity;
    /** Second-phase insulin response, mU/L/min per mg/dL. */
    final double gamma;
    /** Basal glucose of the median subject, mg/dL. */
    final double basal;
    /** Between-subject standard deviation of the basal glucose, mg/dL. */
    final double basalSd;
    /** Standard deviation of fast disturbances, mg/dL. */
    final double fastSd;
    /** Time constant of slow disturbances, min. */
    final double slowTau;
    /** Standard deviation of slow disturbances, mg/dL. */
    final double slowSd;
    /** Whether insulin is injected. */
    final boolean injects;

    Preset(
            double absorbed,
            double p1,
            double sensitivity,
            double gamma,
            double basal,
            double basalSd,
            double fastSd,
            double slowTau,
            double slowSd,
            boolean injects) {
        this.absorbed = absorbed;
        this.p1 = p1;
        this.sensitivity = sensitivity;
        this.gamma = gamma;
        this.basal = basal;
        this.basalSd = basalSd;
        this.fastSd = fastSd;
        this.slowTau = slowTau;
        this.slowSd = slowSd;
        this.injects = injects;
    }

    /** Names as the command line spells them. */
    static List<String> names() {
        return Arrays.stream(values())
                .map(preset -> preset.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
