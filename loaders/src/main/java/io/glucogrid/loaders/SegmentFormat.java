package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * How new segments are encoded. Segments of any form lie side by side, for every file says of itself how it is to be read; a
 * compaction writes its outputs in the form of the day.
 *
 * @param pages version of the data pages; version 1 is for readers that know no delta encoding, and takes more room
 * @param level of Zstandard; other codecs have none
 */
public record SegmentFormat(WriterVersion pages, CompressionCodecName codec, int level) {
    /** Version 2 pages, compressed with Zstandard at level 3. */
    public static final SegmentFormat DEFAULT =
            new SegmentFormat(WriterVersion.PARQUET_2_0, CompressionCodecName.ZSTD, 3);

    private static final Pattern ZSTD = Pattern.compile("zstd(?::([1-9]|1[0-9]))?");

    /**
     * Reads the two settings.
     *
     * @param version 1 or 2
     * @param codec {@code zstd}, {@code zstd:1} to {@code zstd:19}, {@code snappy}, {@code gzip}, {@code lz4} or {@code none}
     * @throws GridException INVALID_CONFIG for anything else
     */
    public static SegmentFormat parse(int version, String codec) {
        WriterVersion pages =
                switch (version) {
                    case 1 -> WriterVersion.PARQUET_1_0;
                    case 2 -> WriterVersion.PARQUET_2_0;
                    default ->
                        throw new GridException(
                                ErrorCode.INVALID_CONFIG, "GRID_PARQUET_VERSION must be 1 or 2, not '" + version + "'");
                };
        Matcher zstd = ZSTD.matcher(codec);
        if (zstd.matches()) {
            String level = zstd.group(1);
            return new SegmentFormat(
                    pages, CompressionCodecName.ZSTD, level == null ? DEFAULT.level : Integer.parseInt(level));
        }
        CompressionCodecName name =
                switch (codec) {
                    case "snappy" -> CompressionCodecName.SNAPPY;
                    case "gzip" -> CompressionCodecName.GZIP;
                    case "lz4" -> CompressionCodecName.LZ4_RAW;
                    case "none" -> CompressionCodecName.UNCOMPRESSED;
                    default ->
                        throw new GridException(
                                ErrorCode.INVALID_CONFIG,
                                "GRID_PARQUET_CODEC must be zstd, zstd:1 to zstd:19, snappy, gzip, lz4 or none, not '"
                                        + codec + "'");
                };
        return new SegmentFormat(pages, name, DEFAULT.level);
    }

    /** What the environment says, for verbs that write without a node; INVALID_CONFIG where that is unusable. */
    public static SegmentFormat configured() {
        String version = given("GRID_PARQUET_VERSION", "2");
        if (!version.matches("\\d{1,3}")) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "GRID_PARQUET_VERSION must be 1 or 2, not '" + version + "'");
        }
        return parse(Integer.parseInt(version), given("GRID_PARQUET_CODEC", "zstd:3"));
    }

    private static String given(String key, String fallback) {
        @Nullable String value = System.getenv(key);
        return value == null || value.isBlank() ? fallback : value.strip();
    }
}
