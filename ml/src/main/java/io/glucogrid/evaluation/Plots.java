package io.glucogrid.evaluation;

import io.glucogrid.feature.TimeParts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One SVG per horizon: forecasts of the online model over actual values on Parkes' error grid, and the RMSE of baseline and models by
 * hour of the target's local day.
 */
final class Plots implements CausalProtocol.TestRows {
    private static final String SCATTERED = "v4";
    private static final Map<String, String> COLOURS = colours();
    private static final int SIDE = 400;
    private static final int LEFT = 60;
    private static final int TOP = 50;
    private static final int SECOND = LEFT + SIDE + 80;
    private static final double GREATEST = 400;
    private static final int MOST_POINTS = 4000;

    private final Map<Integer, Panel> panels = new TreeMap<>();

    /** What one horizon's file shows. */
    private static final class Panel {
        private final Map<String, double[]> rmseByHour = new LinkedHashMap<>();
        private double[] actual = {};
        private double[] predicted = {};
    }

    private static Map<String, String> colours() {
        Map<String, String> colours = new LinkedHashMap<>();
        colours.put("persistence", "#888888");
        colours.put("v2", "#d98b2b");
        colours.put("v3", "#3b7dc4");
        colours.put("v4", "#20639b");
        return colours;
    }

    @Override
    public void accept(int horizonMinutes, String model, double[] actual, double[] predicted, long[] targetMicros) {
        if (!COLOURS.containsKey(model)) {
            return;
        }
        Panel panel = panels.computeIfAbsent(horizonMinutes, minutes -> new Panel());
        double[] squares = new double[24];
        int[] rows = new int[24];
        for (int i = 0; i < actual.length; i++) {
            int hour = TimeParts.hour(targetMicros[i]);
            squares[hour] += (predicted[i] - actual[i]) * (predicted[i] - actual[i]);
            rows[hour]++;
        }
        for (int hour = 0; hour < 24; hour++) {
            squares[hour] = rows[hour] == 0 ? 0 : Math.sqrt(squares[hour] / rows[hour]);
        }
        panel.rmseByHour.put(model, squares);
        if (model.equals(SCATTERED)) {
            panel.actual = actual;
            panel.predicted = predicted;
        }
    }

    /** Writes {@code evaluate-<minutes>min.svg} for each horizon and returns the files. */
    List<Path> write(Path directory) throws IOException {
        Files.createDirectories(directory);
        List<Path> files = new ArrayList<>();
        for (Map.Entry<Integer, Panel> entry : panels.entrySet()) {
            Path file = directory.resolve("evaluate-" + entry.getKey() + "min.svg");
            Files.writeString(file, svg(entry.getKey(), entry.getValue()), StandardCharsets.UTF_8);
            files.add(file);
        }
        return files;
    }

    private static String svg(int minutes, Panel panel) {
        StringBuilder out = new StringBuilder();
        int width = SECOND + SIDE + 40;
        int height = TOP + SIDE + 60;
        out.append(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                width, height));
        text(
                out,
                LEFT,
                24,
                "start",
                "Held-out forecasts " + minutes + " min ahead (" + SCATTERED + ") on Parkes' error grid");
        text(out, SECOND, 24, "start", "RMSE by hour of day, mg/dL");
        zones(out);
        points(out, panel);
        axes(out, LEFT, "actual mg/dL", GREATEST, 100);
        hours(out, panel);
        out.append("</svg>\n");
        return out.toString();
    }

    /** The grid's zones as a raster of 5 mg/dL cells, merged along rows. */
    private static void zones(StringBuilder out) {
        ParkesGrid grid = new ParkesGrid();
        int cells = 80;
        double cell = GREATEST / cells;
        double pixels = SIDE / (double) cells;
        for (int row = 0; row < cells; row++) {
            int from = 0;
            while (from < cells) {
                Zone zone = grid.zone((from + 0.5) * cell, (row + 0.5) * cell);
                int to = from + 1;
                while (to < cells && grid.zone((to + 0.5) * cell, (row + 0.5) * cell) == zone) {
                    to++;
                }
                out.append(format(
                        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
                        LEFT + from * pixels,
                        TOP + SIDE - (row + 1) * pixels,
                        (to - from) * pixels,
                        pixels + 0.3,
                        colour(zone)));
                from = to;
            }
        }
    }

    private static String colour(Zone zone) {
        return switch (zone) {
            case A -> "#e8f3e8";
            case B -> "#fbf6d9";
            case C -> "#fbe3c8";
            case D -> "#f6c9bd";
            case E -> "#e9a9a9";
        };
    }

    private static void points(StringBuilder out, Panel panel) {
        int step = Math.max(1, (panel.actual.length + MOST_POINTS - 1) / MOST_POINTS);
        out.append("<g fill=\"#20639b\" fill-opacity=\"0.35\">\n");
        for (int i = 0; i < panel.actual.length; i += step) {
            out.append(format(
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.5\"/>%n",
                    LEFT + SIDE * Math.min(panel.actual[i], GREATEST) / GREATEST,
                    TOP + SIDE - SIDE * Math.max(0, Math.min(panel.predicted[i], GREATEST)) / GREATEST));
        }
        out.append("</g>\n");
    }

    private static void hours(StringBuilder out, Panel panel) {
        double greatest = 1;
        for (double[] rmse : panel.rmseByHour.values()) {
            for (double value : rmse) {
                greatest = Math.max(greatest, value);
            }
        }
        double top = Math.ceil(greatest / 5) * 5;
        int line = 0;
        for (Map.Entry<String, double[]> entry : panel.rmseByHour.entrySet()) {
            StringBuilder path = new StringBuilder();
            for (int hour = 0; hour < 24; hour++) {
                path.append(format(
                        "%s%.1f %.1f ",
                        hour == 0 ? "M" : "L",
                        SECOND + SIDE * (hour + 0.5) / 24,
                        TOP + SIDE - SIDE * entry.getValue()[hour] / top));
            }
            String colour = COLOURS.getOrDefault(entry.getKey(), "black");
            out.append(format("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", path, colour));
            int y = TOP + 16 + 16 * line++;
            out.append(format(
                    "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"3\" fill=\"%s\"/>%n", SECOND + 10, y - 5, colour));
            text(out, SECOND + 28, y, "start", entry.getKey());
        }
        axes(out, SECOND, "hour of day", 24, 4);
        for (int tick = 0; tick <= 5; tick++) {
            text(out, SECOND - 6, TOP + SIDE - SIDE * tick / 5 + 4, "end", format("%.0f", top * tick / 5));
        }
    }

    private static void axes(StringBuilder out, int left, String label, double greatest, int every) {
        out.append(format(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#444\"/>%n",
                left, TOP, SIDE, SIDE));
        for (int value = 0; value <= greatest; value += every) {
            int at = (int) (SIDE * value / greatest);
            text(out, left + at, TOP + SIDE + 16, "middle", Integer.toString(value));
            if (left == LEFT) {
                text(out, left - 6, TOP + SIDE - at + 4, "end", Integer.toString(value));
            }
        }
        text(out, left + SIDE / 2, TOP + SIDE + 36, "middle", label);
    }

    private static void text(StringBuilder out, int x, int y, String anchor, String words) {
        out.append(format("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, words));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
