package io.glucogrid.client.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.ThinGrid;
import io.glucogrid.client.produce.ProducedReading;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.store.HistoryKey;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the running grid what became of every single reading that was produced.
 *
 * <p>Four questions, none of which the answers of another can satisfy. Has each group committed an offset beyond the reading?
 * Does a historical read at the reading's own time answer with the reading's glucose and second? Since a lost reading could
 * hide behind an equal one of the same second there, is there a row under exactly its subject and microsecond, read through
 * the history cache from the tier? And is each subject's online row the last reading that was produced for it?
 */
final class ArrivalCheck {
    private static final int BATCH = 250;
    private static final long MICROS = 1_000_000;
    private static final List<String> FEATURES =
            List.of("cgm_hourly_stats:glucose", "cgm_hourly_stats:event_timestamp");
    private static final CacheRef<HistoryKey, FeatureRow> HISTORY = new CacheRef<>(Cgm.TABLE, "history-*");

    private final List<ProducedReading> produced;
    private final List<ProducedReading> latest;
    private final String topic;

    private ArrivalCheck(List<ProducedReading> produced, List<ProducedReading> latest, String topic) {
        this.produced = produced;
        this.latest = latest;
        this.topic = topic;
    }

    static ArrivalCheck of(ProducedLog log, String topic) {
        return new ArrivalCheck(log.readings(), new ArrayList<>(log.latest().values()), topic);
    }

    long readings() {
        return produced.size();
    }

    long subjects() {
        return latest.size();
    }

    /** Readings of this run that lie before the group's committed offsets. */
    long committed(Topics topics, String group) {
        Map<Integer, Long> offsets = topics.committed(group, topic);
        return produced.stream()
                .filter(reading -> reading.offset() < offsets.getOrDefault(reading.partition(), 0L))
                .count();
    }

    /** Readings that a historical read at their own time finds. */
    long asOf(ApiClient node) {
        long found = 0;
        for (List<ProducedReading> batch : batches(produced)) {
            ArrayNode entities = Json.array();
            for (ProducedReading reading : batch) {
                entities.addObject()
                        .put(Cgm.SUBJECT, reading.subjectId())
                        .put("event_timestamp", BigDecimal.valueOf(reading.eventMicros(), 6));
            }
            JsonNode records = node.historicalFeatures(FEATURES, entities);
            for (int i = 0; i < batch.size(); i++) {
                ProducedReading reading = batch.get(i);
                JsonNode record = records.path(i);
                long second = LiveEvent.micros(record.path("event_timestamp__")) / MICROS;
                if (record.path(Cgm.GLUCOSE).asLong(Long.MIN_VALUE) == reading.glucoseMgDl()
                        && second == reading.eventMicros() / MICROS) {
                    found++;
                }
            }
        }
        return found;
    }

    /** Readings that have a row of their own. */
    long rows(ThinGrid grid) {
        long found = 0;
        for (List<ProducedReading> batch : batches(produced)) {
            Map<HistoryKey, ProducedReading> wanted = new HashMap<>();
            for (ProducedReading reading : batch) {
                wanted.put(new HistoryKey(new Object[] {reading.subjectId()}, reading.eventMicros()), reading);
            }
            Map<HistoryKey, FeatureRow> rows = grid.rows(HISTORY, wanted.keySet());
            for (Map.Entry<HistoryKey, ProducedReading> asked : wanted.entrySet()) {
                FeatureRow row = rows.get(asked.getKey());
                if (row != null && holds(row, asked.getValue().glucoseMgDl())) {
                    found++;
                }
            }
        }
        return found;
    }

    private static boolean holds(FeatureRow row, long glucose) {
        for (int i = 0; i < row.size(); i++) {
            if (row.value(i) instanceof Number value && value.longValue() == glucose) {
                return true;
            }
        }
        return false;
    }

    /** Subjects whose online row is the last reading produced for them. */
    long onlineSubjects(ApiClient node) {
        long found = 0;
        for (List<ProducedReading> batch : batches(latest)) {
            ArrayNode entities = Json.array();
            batch.forEach(reading -> entities.addObject().put(Cgm.SUBJECT, reading.subjectId()));
            JsonNode columns = node.onlineFeatures(Cgm.ONLINE_SERVICE, entities);
            for (int i = 0; i < batch.size(); i++) {
                ProducedReading reading = batch.get(i);
                long second = LiveEvent.micros(columns.path("event_timestamp").path(i)) / MICROS;
                if (columns.path(Cgm.GLUCOSE).path(i).asLong(Long.MIN_VALUE) == reading.glucoseMgDl()
                        && second == reading.eventMicros() / MICROS) {
                    found++;
                }
            }
        }
        return found;
    }

    private static List<List<ProducedReading>> batches(List<ProducedReading> readings) {
        List<List<ProducedReading>> batches = new ArrayList<>();
        for (int from = 0; from < readings.size(); from += BATCH) {
            batches.add(readings.subList(from, Math.min(readings.size(), from + BATCH)));
        }
        return batches;
    }
}
