package io.glucogrid.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import io.glucogrid.stream.BadRecordException.Reason;
import io.glucogrid.value.Coercion;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object into a row of a history table, in one pass and without a tree.
 *
 * <p>Join keys, both times and every value column must be there; only a value may be null. Fields that the table does not have
 * are passed over. Values and times are read as everywhere else ({@link Coercion}, {@link io.glucogrid.value.Timestamps}); what a
 * stream asks beyond that is that times are plausible ({@link EventLimits}), for nobody is there to be told.
 */
final class EventParser {
    private static final int LONGEST_TEXT_IN_REASON = 60;

    private final JsonFactory json = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();
    private final List<Field> columns;
    private final Map<String, Integer> slots;
    private final int keys;
    private final int values;
    private final EventLimits limits;
    private final InstantSource clock;

    /** Columns are the join keys, the values, the event time and the creation time, in this order. */
    private EventParser(
            List<Field> columns, Map<String, Integer> slots, int keys, EventLimits limits, InstantSource clock) {
        this.columns = columns;
        this.slots = slots;
        this.keys = keys;
        this.values = columns.size() - keys - 2;
        this.limits = limits;
        this.clock = clock;
    }

    static EventParser of(TableSchema table, EventLimits limits, InstantSource clock) {
        List<Field> columns = new ArrayList<>(table.joinKeys());
        columns.addAll(table.values());
        columns.add(new Field(table.eventTime(), ValueType.UNIX_TIMESTAMP));
        columns.add(new Field(table.created(), ValueType.UNIX_TIMESTAMP));
        Map<String, Integer> slots = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            slots.put(columns.get(i).name(), i);
        }
        return new EventParser(columns, slots, table.joinKeys().size(), limits, clock);
    }

    HistoryRow parse(byte @Nullable [] message) throws BadRecordException {
        if (message == null || message.length == 0) {
            throw new BadRecordException(Reason.NOT_JSON, "the message is empty");
        }
        if (message.length > limits.maxBytes()) {
            throw new BadRecordException(Reason.TOO_LARGE, message.length + " bytes, more than " + limits.maxBytes());
        }
        @Nullable Object[] cells = new @Nullable Object[columns.size()];
        boolean[] present = new boolean[columns.size()];
        try (JsonParser in = json.createParser(message)) {
            readObject(in, cells, present);
        } catch (JsonProcessingException broken) {
            throw new BadRecordException(Reason.NOT_JSON, shortened(broken.getOriginalMessage()));
        } catch (IOException broken) {
            throw new BadRecordException(Reason.NOT_JSON, shortened(String.valueOf(broken.getMessage())));
        }
        return row(cells, present);
    }

    private void readObject(JsonParser in, @Nullable Object[] cells, boolean[] present)
            throws IOException, BadRecordException {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw new BadRecordException(Reason.NOT_JSON, "not a JSON object");
        }
        String name = in.nextFieldName();
        while (name != null) {
            JsonToken token = in.nextToken();
            Integer slot = slots.get(name);
            if (slot == null) {
                in.skipChildren();
            } else {
                cells[slot] = token == JsonToken.VALUE_NULL ? null : value(in, token, columns.get(slot));
                present[slot] = true;
            }
            name = in.nextFieldName();
        }
        if (in.currentToken() != JsonToken.END_OBJECT || in.nextToken() != null) {
            throw new BadRecordException(Reason.NOT_JSON, "something follows the JSON object");
        }
    }

    private HistoryRow row(@Nullable Object[] cells, boolean[] present) throws BadRecordException {
        for (int i = 0; i < present.length; i++) {
            if (!present[i]) {
                throw new BadRecordException(
                        Reason.MISSING_FIELD, columns.get(i).name());
            }
        }
        Object[] joinKeys = new Object[keys];
        for (int i = 0; i < keys; i++) {
            joinKeys[i] = required(cells, i);
        }
        @Nullable Object[] data = new @Nullable Object[values];
        System.arraycopy(cells, keys, data, 0, values);
        long event = plausible((Long) required(cells, keys + values), keys + values);
        long created = plausible((Long) required(cells, keys + values + 1), keys + values + 1);
        return HistoryRow.upsert(joinKeys, new FeatureRow(event, created, data));
    }

    private Object required(@Nullable Object[] cells, int slot) throws BadRecordException {
        Object cell = cells[slot];
        if (cell == null) {
            throw new BadRecordException(Reason.MISSING_FIELD, columns.get(slot).name() + " is null");
        }
        return cell;
    }

    private long plausible(long micros, int slot) throws BadRecordException {
        Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        if (time.isBefore(limits.earliest())) {
            throw new BadRecordException(
                    Reason.IMPLAUSIBLE_TIME, columns.get(slot).name() + " " + time + " is before " + limits.earliest());
        }
        Duration ahead = limits.ahead();
        if (time.isAfter(clock.instant().plus(ahead))) {
            throw new BadRecordException(
                    Reason.IMPLAUSIBLE_TIME,
                    columns.get(slot).name() + " " + time + " is more than " + ahead.toHours() + " h ahead");
        }
        return micros;
    }

    /** As a push through any other door would take it. */
    private static @Nullable Object value(JsonParser in, JsonToken token, Field column)
            throws IOException, BadRecordException {
        Object read =
                switch (token) {
                    case VALUE_STRING -> in.getText();
                    case VALUE_TRUE -> (Object) true;
                    case VALUE_FALSE -> (Object) false;
                    case VALUE_NUMBER_INT ->
                        in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                                ? in.getBigIntegerValue()
                                : (Object) in.getLongValue();
                    case VALUE_NUMBER_FLOAT -> {
                        if (in.isNaN()) {
                            throw new BadRecordException(
                                    Reason.NOT_A_NUMBER, column.name() + " is " + shortened(in.getText()));
                        }
                        yield in.getDecimalValue();
                    }
                    default ->
                        throw new BadRecordException(
                                Reason.WRONG_TYPE, column.name() + " must be " + column.type() + ", not " + token);
                };
        try {
            return Coercion.value(column, read);
        } catch (GridException unusable) {
            throw new BadRecordException(Reason.WRONG_TYPE, unusable.reason());
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT_IN_REASON ? text : text.substring(0, LONGEST_TEXT_IN_REASON) + "…";
    }
}
