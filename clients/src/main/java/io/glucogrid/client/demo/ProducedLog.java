package io.glucogrid.client.demo;

import io.glucogrid.client.produce.ProducedReading;
import io.glucogrid.client.produce.ReadingProducer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Remembers every reading that Kafka has acknowledged, to ask for it afterwards; an endless run remembers none. */
final class ProducedLog implements ReadingProducer.Listener {
    private final boolean keeps;
    private final List<ProducedReading> readings = new ArrayList<>();
    private long count;

    ProducedLog(boolean keeps) {
        this.keeps = keeps;
    }

    @Override
    public synchronized void acknowledged(ProducedReading reading) {
        count++;
        if (keeps) {
            readings.add(reading);
        }
    }

    synchronized long count() {
        return count;
    }

    synchronized List<ProducedReading> readings() {
        return List.copyOf(readings);
    }

    /** The latest reading of each subject. */
    synchronized Map<Long, ProducedReading> latest() {
        Map<Long, ProducedReading> latest = new HashMap<>();
        for (ProducedReading reading : readings) {
            latest.merge(reading.subjectId(), reading, (a, b) -> a.eventMicros() >= b.eventMicros() ? a : b);
        }
        return latest;
    }
}
