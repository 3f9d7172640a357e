package io.glucogrid.evaluation;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The verb's tables as aligned text. */
final class Tables {
    private static final String CAUSAL_LEGEND =
            """
            rmse, mae, bias, width, macro (mean of subjects' rmse) and worst (subject's rmse) in mg/dL; mard in %; cov90 is the
            share of readings inside the 90 % interval; low AP is the average precision of P(below 70 within the horizon).
            Not a medical device.
            """;

    private static final String GLUCOBENCH_LEGEND =
            """
            * the benchmark's: root of the mean over seeds of the median window's mean squared error, mean over seeds of the
              median window's mean absolute error; pooled rmse is the plain one. Not a medical device.
            """;

    private Tables() {}

    static String causal(List<Scored> lines) {
        StringBuilder out = new StringBuilder();
        String heading = String.format(
                "%-8s %-15s %3s %6s %6s %6s %5s %6s %6s | %-25s | %-25s | %6s %6s %6s | %6s %6s %6s%n",
                "protocol",
                "model",
                "min",
                "n",
                "rmse",
                "mae",
                "mard",
                "bias",
                "r2",
                "clarke A B C D E %",
                "parkes A B C D E %",
                "cov90",
                "width",
                "calib",
                "macro",
                "worst",
                "low AP");
        int horizon = -1;
        for (Scored line : lines) {
            if (line.horizonMinutes() != horizon) {
                horizon = line.horizonMinutes();
                out.append(heading);
            }
            append(out, line);
        }
        out.append(CAUSAL_LEGEND);
        return out.toString();
    }

    private static void append(StringBuilder out, Scored line) {
        Accuracy a = line.accuracy();
        IntervalScore i = line.intervals();
        RiskScore r = line.risk();
        out.append(format(
                "%-8s %-15s %3d %6d %6.3f %6.3f %5.2f %6.2f %6.3f | %-25s | %-25s | %6s %6s %6s | %6.2f %6.2f %6s%n",
                line.protocol(),
                line.model(),
                line.horizonMinutes(),
                a.n(),
                a.rmse(),
                a.mae(),
                a.mard(),
                a.bias(),
                a.r2(),
                shares(a.clarke()),
                shares(a.parkes()),
                i == null ? "-" : format("%.2f", i.coverage()),
                i == null ? "-" : format("%.1f", i.width()),
                i == null ? "-" : format("%.4f", i.calibrationError()),
                a.macroRmse(),
                a.worstSubjectRmse(),
                r == null ? "-" : format("%.3f", r.averagePrecision())));
    }

    static String glucobench(List<GlucoBenchProtocol.Line> lines) {
        StringBuilder out = new StringBuilder();
        out.append(format(
                "%-12s %-4s %-6s %7s %7s %12s %6s %7s%n",
                "model", "part", "seeds", "rmse*", "mae*", "pooled rmse", "mard", "calib"));
        for (GlucoBenchProtocol.Line line : lines) {
            out.append(format(
                    "%-12s %-4s %-6s %7.3f %7.3f %12.3f %6.2f %7.4f%n",
                    line.model(),
                    line.part(),
                    line.seeds(),
                    line.rmse(),
                    line.mae(),
                    line.pooledRmse(),
                    line.mard(),
                    line.calibrationError()));
        }
        out.append(GLUCOBENCH_LEGEND);
        return out.toString();
    }

    static String lower(Zone zone) {
        return zone.name().toLowerCase(Locale.ROOT);
    }

    private static String shares(Map<Zone, Double> shares) {
        StringBuilder out = new StringBuilder();
        for (double share : shares.values()) {
            out.append(out.isEmpty() ? "" : " ").append(format("%.2f", share));
        }
        return out.toString();
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
