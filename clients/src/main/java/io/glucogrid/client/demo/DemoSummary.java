package io.glucogrid.client.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.GridStatus;
import io.glucogrid.client.Json;
import io.glucogrid.client.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came of a demo, and the verdict.
 *
 * @param asked readings that were to be produced
 * @param produced readings that Kafka has acknowledged
 * @param subjects subjects among them
 * @param deadLetters readings that were put aside as unusable during the run
 * @param segments named segments of the tier; -1 where the grid did not say
 * @param lastPrediction NaN where none was made
 * @param restarts nodes that died and were started again
 */
record DemoSummary(
        long asked,
        long produced,
        long subjects,
        Arrivals arrivals,
        long deadLetters,
        Times online,
        Times offline,
        long segments,
        double lastPrediction,
        int restarts) {
    private static final double ENOUGH = 0.95;

    /** Percentiles of one path in milliseconds; NaN where nothing was measured. */
    record Times(double p50Millis, double p99Millis) {
        /**
         * Times of one path as the live events told them. The feed leaves out what its listener cannot take at once, and
         * that is not what was fast: where it told of too few readings, those that the nodes themselves kept count, the
         * slowest node's.
         */
        static Times of(PathTimes seen, long readings, List<GridStatus.Stream> streams) {
            if (seen.count() >= readings * ENOUGH || streams.isEmpty()) {
                return new Times(seen.millis(50), seen.millis(99));
            }
            double p50 = Double.NaN;
            double p99 = Double.NaN;
            for (GridStatus.Stream stream : streams) {
                if (Double.isNaN(p99) || stream.p99Millis() > p99) {
                    p50 = stream.p50Millis();
                    p99 = stream.p99Millis();
                }
            }
            return new Times(p50, p99);
        }
    }

    /** Whether every reading that was asked for went through both paths. */
    boolean ok() {
        return problems().isEmpty();
    }

    /** What did not hold, one sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        expect(problems, produced, asked, "readings were produced");
        expect(problems, arrivals.online(), produced, "readings were committed by the online group");
        expect(problems, arrivals.offline(), produced, "readings were committed by the offline group");
        expect(problems, arrivals.asOf(), produced, "readings are answered by historical reads at their time");
        expect(problems, arrivals.distinctRows(), produced, "readings have a row of their own in the tier");
        expect(problems, arrivals.onlineSubjects(), subjects, "subjects have their last reading in the online store");
        expect(problems, deadLetters, 0, "readings went to the dead-letter topic");
        if (produced > 0 && Double.isNaN(lastPrediction)) {
            problems.add("no reading was predicted");
        }
        return problems;
    }

    private static void expect(List<String> problems, long got, long wanted, String what) {
        if (got != wanted) {
            problems.add(got + " instead of " + wanted + " " + what);
        }
    }

    ObjectNode json() {
        ObjectNode json = Json.object()
                .put("produced", produced)
                .put("online", arrivals.online())
                .put("offline", arrivals.offline())
                .put("distinct_rows", arrivals.distinctRows())
                .put("as_of_rows", arrivals.asOf())
                .put("subjects", subjects)
                .put("online_subjects", arrivals.onlineSubjects())
                .put("dead_letters", deadLetters);
        number(json, "online_p50_ms", online.p50Millis());
        number(json, "online_p99_ms", online.p99Millis());
        number(json, "offline_p50_ms", offline.p50Millis());
        number(json, "offline_p99_ms", offline.p99Millis());
        json.put("segments", segments);
        number(json, "last_prediction", lastPrediction);
        return json.put("restarts", restarts).put("ok", ok());
    }

    private static void number(ObjectNode json, String name, double value) {
        if (Double.isNaN(value)) {
            json.putNull(name);
        } else {
            json.put(name, value);
        }
    }

    String text() {
        TextTable table = new TextTable(List.of("", "online", "offline"))
                .row(List.of("committed", count(arrivals.online()), count(arrivals.offline())))
                .row(List.of(
                        "readable",
                        arrivals.onlineSubjects() + "/" + subjects + " subjects",
                        arrivals.distinctRows() + "/" + produced + " rows"))
                .row(List.of("p50", millis(online.p50Millis()), millis(offline.p50Millis())))
                .row(List.of("p99", millis(online.p99Millis()), millis(offline.p99Millis())));
        StringBuilder text = new StringBuilder("\nproduced " + count(produced) + ", dead letters " + deadLetters
                + ", segments " + (segments < 0 ? "-" : segments) + ", last prediction "
                + (Double.isNaN(lastPrediction) ? "-" : String.format(Locale.ROOT, "%.4f mg/dL", lastPrediction))
                + (restarts == 0 ? "" : ", node restarts " + restarts) + "\n\n");
        text.append(table.render()).append('\n');
        if (ok()) {
            text.append("All ").append(produced).append(" readings went through both paths.");
        } else {
            text.append("Not all of it held:\n  ").append(String.join("\n  ", problems()));
        }
        return text.toString();
    }

    private String count(long readings) {
        return readings + "/" + asked;
    }

    private static String millis(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f ms", value);
    }
}
