package io.glucogrid.loaders;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Codecs of one open file. Zstandard pages are done whole, with one context for all of them: Parquet's own codec opens a stream
 * for each page, which costs a small segment more than all the rest. Other codecs are Parquet's own. Not thread-safe.
 */
final class PageCodecs implements CompressionCodecFactory {
    /** Room behind a page, so that its last values can be read in whole words. */
    private static final int SLACK = 2 * Long.BYTES;

    private final int zstdLevel;
    private @Nullable WholePages zstd;
    private @Nullable CodecFactory others;

    /** For reading. */
    PageCodecs() {
        this(SegmentFormat.DEFAULT.level());
    }

    PageCodecs(int zstdLevel) {
        this.zstdLevel = zstdLevel;
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD ? zstd() : others().getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD ? zstd() : others().getDecompressor(codec);
    }

    private WholePages zstd() {
        WholePages known = zstd;
        if (known == null) {
            known = new WholePages(zstdLevel);
            zstd = known;
        }
        return known;
    }

    private CodecFactory others() {
        CodecFactory known = others;
        if (known == null) {
            known = new CodecFactory(new PlainParquetConfiguration(), ParquetProperties.DEFAULT_PAGE_SIZE);
            others = known;
        }
        return known;
    }

    @Override
    public void release() {
        if (zstd != null) {
            zstd.release();
        }
        if (others != null) {
            others.release();
        }
    }

    /** Contexts are native memory: made at first use, given back by {@link #release}. */
    private static final class WholePages implements BytesInputCompressor, BytesInputDecompressor {
        private final int level;
        private @Nullable ZstdCompressCtx compressor;
        private @Nullable ZstdDecompressCtx decompressor;

        WholePages(int level) {
            this.level = level;
        }

        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            ZstdCompressCtx context = compressor;
            if (context == null) {
                context = new ZstdCompressCtx().setLevel(level);
                compressor = context;
            }
            ByteBuffer whole = page.toInputStream().slice((int) page.size());
            byte[] bytes = whole.array();
            int offset = whole.arrayOffset() + whole.position();
            byte[] target = new byte[(int) Zstd.compressBound(whole.remaining())];
            int size = context.compressByteArray(target, 0, target.length, bytes, offset, whole.remaining());
            return BytesInput.from(target, 0, size);
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public BytesInput decompress(BytesInput page, int size) throws IOException {
            byte[] whole = new byte[size + SLACK];
            decompress(page.toInputStream().slice((int) page.size()), whole, size);
            return BytesInput.from(whole, 0, size);
        }

        @Override
        public void decompress(ByteBuffer page, int pageSize, ByteBuffer target, int size) throws IOException {
            byte[] whole = new byte[size];
            ByteBuffer compressed = page.slice().limit(pageSize);
            page.position(page.position() + pageSize);
            decompress(compressed, whole, size);
            target.put(whole).flip();
        }

        private void decompress(ByteBuffer page, byte[] target, int expected) throws IOException {
            byte[] bytes;
            int offset = 0;
            if (page.hasArray()) {
                bytes = page.array();
                offset = page.arrayOffset() + page.position();
            } else {
                bytes = new byte[page.remaining()];
                page.duplicate().get(bytes);
            }
            ZstdDecompressCtx context = decompressor;
            if (context == null) {
                context = new ZstdDecompressCtx();
                decompressor = context;
            }
            int size;
            try {
                size = expected == 0
                        ? 0
                        : context.decompressByteArray(target, 0, expected, bytes, offset, page.remaining());
            } catch (ZstdException damage) {
                if (damage.getErrorCode() == Zstd.errMemoryAllocation()) {
                    throw new StorageException("no memory to decompress a page", new IOException(damage));
                }
                throw new IOException("page cannot be decompressed: " + damage.getMessage(), damage);
            }
            if (size != expected) {
                throw new IOException("page has " + size + " bytes instead of " + expected);
            }
        }

        @Override
        public void release() {
            if (compressor != null) {
                compressor.close();
                compressor = null;
            }
            if (decompressor != null) {
                decompressor.close();
                decompressor = null;
            }
        }
    }
}
