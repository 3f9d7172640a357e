package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Reads everything that was acknowledged, through the public API only, and judges it.
 *
 * <p>Set: each acknowledged reading is asked for as of its own time, where its value differs from the one before it. Register:
 * the online value of each subject is its last reading's, on every node; a node answers from its own copy where it has one, so
 * primaries and backups are both asked. Counts: the number of readings in the last 24 hours, online and in history, is the
 * number that was sent; fewer are lost, more are duplicates. Copies: values, windows and forecasts of a subject are the same on
 * every node, to the last digit.
 */
public final class Judge {
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int AT_ONCE = 2_000;
    private static final int SUBJECTS_AT_ONCE = 500;
    private static final int ATTEMPTS = 10;
    private static final long DAY_SECONDS = TimeUnit.DAYS.toSeconds(1);
    private static final String LATEST = "cgm_activity_v3";
    private static final String WINDOWS = "cgm_windows_v1";
    private static final String COUNT = "glucose_count_24h";
    private static final String FORECASTER = "v4";
    private static final List<String> GROUPS = List.of("online", "offline");

    private final NumberedReadings readings;
    private final BitSet acknowledged;
    private final List<ApiClient> nodes;

    /**
     * A judge of a healed grid.
     *
     * @param addresses feature APIs of all nodes
     */
    public Judge(NumberedReadings readings, BitSet acknowledged, List<String> addresses) {
        this.readings = readings;
        this.acknowledged = acknowledged;
        this.nodes =
                addresses.stream().map(address -> ApiClient.of(address, ANSWER)).toList();
    }

    /** Waits until both groups have committed all of a topic; DEADLINE_EXCEEDED where that takes longer. */
    public static void awaitCommitted(Topics topics, String topic, Duration time) throws InterruptedException {
        awaitCommitted(topics, topic, GROUPS, time);
    }

    /** Waits until some groups have committed all of a topic; DEADLINE_EXCEEDED where that takes longer. */
    public static void awaitCommitted(Topics topics, String topic, List<String> groups, Duration time)
            throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (true) {
            Map<Integer, Long> ends = topics.ends(topic);
            List<String> behind = new ArrayList<>();
            for (String group : groups) {
                Map<Integer, Long> committed = topics.committed(group, topic);
                long lag = 0;
                for (Map.Entry<Integer, Long> partition : ends.entrySet()) {
                    lag += partition.getValue() - committed.getOrDefault(partition.getKey(), 0L);
                }
                if (lag > 0) {
                    behind.add(group + " is " + lag + " readings behind");
                }
            }
            if (behind.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, String.join(", ", behind));
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    /** Reads everything, and adds what was seen meanwhile. */
    public Verdict verdict(Availability seen) {
        long unavailableMillis = seen.unavailableMillis();
        BitSet missing = missingInHistory();
        long found = (long) acknowledged.cardinality() - missing.cardinality();
        Set<Integer> differing = new HashSet<>();
        BitSet stale = missingOnline(differing);
        missing.or(stale);
        Counts counts = counts(differing);
        long forecasts = compareForecasts(differing);
        return new Verdict(
                acknowledged.cardinality(),
                found,
                missing.cardinality() + counts.tooFew(),
                counts.tooMany(),
                differing.size(),
                forecasts,
                unavailableMillis,
                seen.lies(),
                seen.older());
    }

    /** Readings that windows miss, and that they count again: of each subject's answers the worst. */
    private record Counts(long tooFew, long tooMany) {}

    private long count() {
        return acknowledged.length();
    }

    private int subjects() {
        return (int) Math.min(readings.subjects(), count());
    }

    private BitSet missingInHistory() {
        BitSet missing = new BitSet();
        List<Integer> numbers = new ArrayList<>(AT_ONCE);
        int turn = 0;
        for (int number = acknowledged.nextSetBit(0); number >= 0; number = acknowledged.nextSetBit(number + 1)) {
            numbers.add(number);
            if (numbers.size() == AT_ONCE || acknowledged.nextSetBit(number + 1) < 0) {
                askHistory(nodes.get(turn++ % nodes.size()), numbers, missing);
                numbers.clear();
            }
        }
        return missing;
    }

    private void askHistory(ApiClient node, List<Integer> numbers, BitSet missing) {
        ArrayNode entities = Json.array();
        for (int number : numbers) {
            entities.addObject()
                    .put("subject_id", readings.subject(number))
                    .put("event_timestamp", readings.second(number));
        }
        JsonNode rows = patiently(() -> node.historicalFeatures(List.of("cgm_hourly_stats:glucose"), entities));
        for (int i = 0; i < numbers.size(); i++) {
            if (rows.path(i).path("glucose").asLong(-1) != readings.glucose(numbers.get(i))) {
                missing.set(numbers.get(i));
            }
        }
    }

    private BitSet missingOnline(Set<Integer> differing) {
        BitSet missing = new BitSet();
        for (int from = 0; from < subjects(); from += SUBJECTS_AT_ONCE) {
            int to = Math.min(subjects(), from + SUBJECTS_AT_ONCE);
            List<JsonNode> answers = new ArrayList<>();
            for (ApiClient node : nodes) {
                ArrayNode asked = entities(from, to);
                answers.add(patiently(() -> node.onlineFeatures(LATEST, asked)).path("glucose"));
            }
            for (int subject = from; subject < to; subject++) {
                long last = readings.last(subject, count());
                JsonNode first = answers.get(0).path(subject - from);
                for (JsonNode answer : answers) {
                    if (!answer.path(subject - from).equals(first)) {
                        differing.add(subject);
                    }
                    if (acknowledged.get((int) last)
                            && answer.path(subject - from).asLong(-1) != readings.glucose(last)) {
                        missing.set((int) last);
                    }
                }
            }
        }
        return missing;
    }

    private Counts counts(Set<Integer> differing) {
        long tooFew = 0;
        long tooMany = 0;
        for (int from = 0; from < subjects(); from += SUBJECTS_AT_ONCE) {
            int to = Math.min(subjects(), from + SUBJECTS_AT_ONCE);
            ArrayNode latest = entities(from, to);
            ArrayNode asked = entities(from, to);
            for (int subject = from; subject < to; subject++) {
                ((ObjectNode) asked.get(subject - from))
                        .put("event_timestamp", readings.second(readings.last(subject, count())));
            }
            List<JsonNode> online = new ArrayList<>();
            List<JsonNode> history = new ArrayList<>();
            for (ApiClient node : nodes) {
                online.add(patiently(() -> node.onlineFeatures(WINDOWS, latest)));
                history.add(patiently(() -> node.historicalFeatures(List.of("cgm_windows:" + COUNT), asked)));
            }
            for (int subject = from; subject < to; subject++) {
                int place = subject - from;
                long expected = readings.inWindow(subject, count(), DAY_SECONDS);
                long fewest = expected;
                long most = expected;
                for (int node = 0; node < nodes.size(); node++) {
                    for (JsonNode counted : List.of(
                            online.get(node).path(COUNT).path(place),
                            history.get(node).path(place).path(COUNT))) {
                        fewest = Math.min(fewest, counted.asLong());
                        most = Math.max(most, counted.asLong());
                    }
                    if (!column(online.get(node), place).equals(column(online.get(0), place))) {
                        differing.add(subject);
                    }
                }
                tooFew += expected - fewest;
                tooMany += most - expected;
            }
        }
        return new Counts(tooFew, tooMany);
    }

    /** What an answer in columns has at one place. */
    private static List<JsonNode> column(JsonNode answer, int place) {
        List<JsonNode> values = new ArrayList<>();
        answer.forEach(column -> values.add(column.path(place)));
        return values;
    }

    /** Forecasts show the states of the subjects; a grid where nobody has trained has none. Returns for how many subjects. */
    private long compareForecasts(Set<Integer> differing) {
        if (!isTrained()) {
            return 0;
        }
        long compared = 0;
        for (int from = 0; from < subjects(); from += SUBJECTS_AT_ONCE) {
            int to = Math.min(subjects(), from + SUBJECTS_AT_ONCE);
            ObjectNode question = Json.object().put("model", FORECASTER);
            question.set("entities", entities(from, to));
            List<JsonNode> answers = new ArrayList<>();
            for (ApiClient node : nodes) {
                answers.add(patiently(() -> node.post("/predict", question).body()));
            }
            for (int subject = from; subject < to; subject++) {
                JsonNode first = answers.get(0).path(subject - from);
                compared++;
                for (JsonNode answer : answers) {
                    if (first.isMissingNode() || !answer.path(subject - from).equals(first)) {
                        differing.add(subject);
                    }
                }
            }
        }
        return compared;
    }

    private boolean isTrained() {
        for (JsonNode model : patiently(() -> nodes.get(0).get("/models").body())) {
            if (model.path("name").asText().equals(FORECASTER)) {
                return true;
            }
        }
        return false;
    }

    /** A grid that is busy may say so; it must not answer wrongly. */
    private static JsonNode patiently(Supplier<JsonNode> question) {
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get();
            } catch (GridException busy) {
                if (attempt == ATTEMPTS || busy.code().isCallersFault()) {
                    throw busy;
                }
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
        }
    }

    private ArrayNode entities(int from, int to) {
        ArrayNode entities = Json.array();
        for (int subject = from; subject < to; subject++) {
            entities.addObject().put("subject_id", readings.subject(subject));
        }
        return entities;
    }
}
