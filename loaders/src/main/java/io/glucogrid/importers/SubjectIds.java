package io.glucogrid.importers;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Numbers for the subject ids of text files, the same in every file and on every machine.
 *
 * <p>A whole number stays what it is. Numbers joined by dashes, the ids of the Hall study, lose the dashes: 1636-69-001 is
 * 163669001, as in the reference data. Any other id becomes 2<sup>52</sup> plus the first 52 bits of the SHA-256 of its UTF-8
 * form: exact in JSON, and out of the way of ids that people give. Neither rule can be reversed, and two ids of one file that
 * meet in one number are an error.
 */
final class SubjectIds {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");
    private static final Pattern DASHED = Pattern.compile("\\d+(-\\d+)+");
    private static final long FIRST_DERIVED = 1L << 52;

    private final Map<String, Long> numbers = new HashMap<>();
    private final Map<Long, String> texts = new HashMap<>();

    /** INVALID_REQUEST where another id of the same file has the same number. */
    long number(String id) {
        Long known = numbers.get(id);
        if (known != null) {
            return known;
        }
        long number = derive(id);
        String other = texts.putIfAbsent(number, id);
        if (other != null) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "subjects '" + other + "' and '" + id + "' would both become number " + number);
        }
        numbers.put(id, number);
        return number;
    }

    static long derive(String id) {
        String digits = DASHED.matcher(id).matches() ? id.replace("-", "") : id;
        if (NUMBER.matcher(digits).matches()) {
            return Long.parseLong(digits);
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return FIRST_DERIVED + (ByteBuffer.wrap(hash).getLong() >>> 12);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }
}
