package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.column.values.dictionary.DictionaryValuesReader;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** What is packed here is unpacked by Parquet's own readers. */
class PackedNumbersTest {
    private static final int ROWS_PER_PAGE = 4096;

    @Property(tries = 200)
    void numbersOfAnyWidthComeBackFromDeltas(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = ROWS_PER_PAGE) int count,
            @ForAll @IntRange(min = 0, max = 63) int shift)
            throws IOException {
        long[] numbers =
                new Random(seed).longs(count).map(number -> number >> shift).toArray();
        PackedNumbers packed = packed(PrimitiveTypeName.INT64, false);
        packed.add(numbers, order(count), 0, count);

        assertThat(decoded(packed, count)).isEqualTo(numbers);
        assertThat(packed.getEncoding()).isEqualTo(Encoding.DELTA_BINARY_PACKED);
        assertThat(packed.toDictPageAndClose()).isNull();
    }

    @Property(tries = 100)
    void integersWrapAroundAsReadersDo(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = ROWS_PER_PAGE) int count,
            @ForAll @IntRange(min = 0, max = 31) int shift)
            throws IOException {
        int[] numbers =
                new Random(seed).ints(count).map(number -> number >> shift).toArray();
        PackedNumbers packed = packed(PrimitiveTypeName.INT32, false);
        for (int number : numbers) {
            packed.writeInteger(number);
        }
        ValuesReader reader = new DeltaBinaryPackingValuesReader();
        reader.initFromPage(count, stream(packed.getBytes()));

        assertThat(IntStream.range(0, count).map(i -> reader.readInteger()).toArray())
                .isEqualTo(numbers);
    }

    @Property(tries = 100)
    void pagesGoFromTheDictionaryToDeltasWhenItIsTooLong(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 200_000) int different) throws IOException {
        Random random = new Random(seed);
        PackedNumbers packed = packed(PrimitiveTypeName.INT64, true);
        boolean deltas = false;
        for (int page = 0; page < 40; page++) {
            int count = 1 + random.nextInt(ROWS_PER_PAGE);
            long[] numbers = random.longs(count, 0, different)
                    .map(number -> number * number)
                    .toArray();
            packed.add(numbers, order(count), 0, count);
            long[] found = decoded(packed, count);
            assertThat(found).isEqualTo(numbers);
            deltas |= packed.getEncoding() == Encoding.DELTA_BINARY_PACKED;
            assertThat(packed.getEncoding() == Encoding.DELTA_BINARY_PACKED).isEqualTo(deltas); // never back
            packed.reset();
        }
    }

    private static PackedNumbers packed(PrimitiveTypeName type, boolean dictionary) {
        ParquetProperties properties = ParquetProperties.builder()
                .withWriterVersion(WriterVersion.PARQUET_2_0)
                .withDictionaryEncoding(dictionary)
                .build();
        return (PackedNumbers) PackedNumbers.of(column(type), properties, ROWS_PER_PAGE);
    }

    private static ColumnDescriptor column(PrimitiveTypeName type) {
        PrimitiveType required = Types.required(type).named("number");
        return new ColumnDescriptor(new String[] {"number"}, required, 0, 0);
    }

    private static int[] order(int count) {
        return IntStream.range(0, count).toArray();
    }

    private static long[] decoded(PackedNumbers packed, int count) throws IOException {
        ByteBufferInputStream page = stream(packed.getBytes());
        ValuesReader reader;
        if (packed.getEncoding() == Encoding.DELTA_BINARY_PACKED) {
            reader = new DeltaBinaryPackingValuesReader();
        } else {
            DictionaryPage dictionary = packed.toDictPageAndClose();
            reader = new DictionaryValuesReader(
                    Encoding.PLAIN.initDictionary(column(PrimitiveTypeName.INT64), dictionary));
        }
        reader.initFromPage(count, page);
        return IntStream.range(0, count).mapToLong(i -> reader.readLong()).toArray();
    }

    private static ByteBufferInputStream stream(BytesInput bytes) throws IOException {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        bytes.writeAllTo(page);
        return ByteBufferInputStream.wrap(ByteBuffer.wrap(page.toByteArray()));
    }
}
