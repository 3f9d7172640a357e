package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.math.BigDecimal;
import java.util.List;

/** Reads what people type for entities, values and times. */
final class Entities {
    private Entities() {}

    /**
     * One object per argument: {@code 163669001} is the subject, {@code a=1,b=x} are join keys by name.
     *
     * @throws GridException INVALID_REQUEST
     */
    static ArrayNode of(List<String> arguments) {
        ArrayNode entities = Json.array();
        for (String argument : arguments) {
            ObjectNode entity = entities.addObject();
            if (argument.indexOf('=') < 0) {
                put(entity, Cgm.SUBJECT, argument);
            } else {
                assign(entity, List.of(argument.split(",")));
            }
        }
        return entities;
    }

    /** Reads {@code name=value} pairs into an object; a value that is a whole number becomes one. */
    static ObjectNode assign(ObjectNode object, List<String> pairs) {
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new GridException(ErrorCode.INVALID_REQUEST, "'" + pair + "' is not of the form name=value");
            }
            put(object, pair.substring(0, equals).strip(), pair.substring(equals + 1));
        }
        return object;
    }

    /** Puts epoch seconds (or finer, with a fraction or by magnitude) as a number, ISO-8601 text as it is. */
    static void putTime(ObjectNode object, String name, String time) {
        if (time.matches("-?\\d+(\\.\\d+)?")) {
            object.put(name, new BigDecimal(time));
        } else {
            object.put(name, time);
        }
    }

    private static void put(ObjectNode object, String name, String value) {
        if (value.isBlank()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + name + "' has no value");
        }
        if (value.equals("null")) {
            object.putNull(name);
        } else if (value.matches("-?\\d{1,18}")) {
            object.put(name, Long.parseLong(value));
        } else if (value.matches("-?\\d+(\\.\\d+)?")) {
            object.put(name, new BigDecimal(value));
        } else {
            object.put(name, value);
        }
    }
}
