// IP address blocks of a certificate: which addresses its holder may speak for. RFC 3779 2.2.3 (encoding), 2.3 (paths).
using System.Formats.Asn1;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>Ranges of addresses by family, or for a family <c>inherit</c>: those of the issuer. Immutable.</summary>
public sealed class IpAddressBlocks
{
    const int MaxRanges = 1000;

    readonly bool _inheritsIPv4, _inheritsIPv6;

    IpAddressBlocks(List<TrafficSelector> ranges, bool inheritsIPv4, bool inheritsIPv6) => (Ranges, _inheritsIPv4, _inheritsIPv6) = (ranges, inheritsIPv4, inheritsIPv6);

    /// <summary>The ranges that are listed, in the order of the certificate; those that are inherited are not among them.</summary>
    public IReadOnlyList<TrafficSelector> Ranges { get; }

    // IPAddrBlocks ::= SEQUENCE OF SEQUENCE { addressFamily OCTET STRING (2..3), CHOICE { NULL, SEQUENCE OF IPAddressOrRange } }
    internal static IpAddressBlocks Read(AsnReader families)
    {
        List<TrafficSelector> ranges = [];
        bool inherits4 = false, inherits6 = false, seen4 = false, seen6 = false;
        while (families.HasData)
        {
            var family = families.ReadSequence();
            // With a subsequent family (unicast, multicast) IPsec has nothing to do; the reference refuses it too.
            var isIPv6 = family.ReadOctetString() switch
            {
                [0, 1] => false,
                [0, 2] => true,
                var other => throw new AsnContentException($"address family {Convert.ToHexString(other)} is not supported"),
            };
            ref var seen = ref (isIPv6 ? ref seen6 : ref seen4);
            if (seen) throw new AsnContentException("an address family occurs twice");
            seen = true;
            if (family.PeekTag() == Asn1Tag.Null)
            {
                family.ReadNull();
                (isIPv6 ? ref inherits6 : ref inherits4) = true;
            }
            else
            {
                var blocks = family.ReadSequence();
                while (blocks.HasData)
                {
                    if (ranges.Count == MaxRanges) throw new AsnContentException("too many address blocks");
                    ranges.Add(ReadBlock(blocks, isIPv6));
                }
            }
            family.ThrowIfNotEmpty();
        }
        return new(ranges, inherits4, inherits6);
    }

    // IPAddressOrRange ::= CHOICE { addressPrefix BIT STRING, addressRange SEQUENCE { min BIT STRING, max BIT STRING } }
    static TrafficSelector ReadBlock(AsnReader blocks, bool isIPv6)
    {
        if (blocks.PeekTag().HasSameClassAndValue(Asn1Tag.PrimitiveBitString))
        {
            var (first, last) = ReadBits(blocks, isIPv6);
            return new(isIPv6, first, last);
        }
        var range = blocks.ReadSequence();
        var (from, to) = (ReadBits(range, isIPv6).First, ReadBits(range, isIPv6).Last);
        range.ThrowIfNotEmpty();
        return from <= to ? new(isIPv6, from, to) : throw new AsnContentException("an address range ends before it begins");
    }

    // Bits that are left out are zeros in a first address and ones in a last one.
    static (UInt128 First, UInt128 Last) ReadBits(AsnReader reader, bool isIPv6)
    {
        var bytes = reader.ReadBitString(out var unused);
        var width = isIPv6 ? 128 : 32;
        if (bytes.Length * 8 > width) throw new AsnContentException("an address is too long");
        UInt128 first = 0;
        foreach (var b in bytes) first = first << 8 | b;
        var free = width - bytes.Length * 8;
        first = free == 128 ? 0 : first << free;
        free += unused;
        return (first, first | (free == 128 ? UInt128.MaxValue : (UInt128.One << free) - 1));
    }

    /// <summary>
    /// Checks the blocks along a path, end entity first, the anchor last, and answers those of the end entity with what it inherits; null without the
    /// extension. <paramref name="why"/> is the reason if the path is not acceptable, else empty. A certificate without the extension below one that
    /// has it is refused, as in the reference; RFC 3779 2.3 would let it speak for none.
    /// </summary>
    public static IReadOnlyList<TrafficSelector>? Validate(IReadOnlyList<Certificate> path, out string why)
    {
        why = "";
        if (path.All(c => c.AddressBlocks is null)) return null;
        List<TrafficSelector>? held = null;
        for (var i = path.Count - 1; i >= 0; i--)
        {
            var certificate = path[i];
            var isAnchor = i == path.Count - 1;
            if (certificate.AddressBlocks is not { } blocks)
            {
                if (held is null) continue;
                why = $"subject certificate lacks ipAddrBlocks extension: \"{certificate}\", whose issuer has it";
                return null;
            }
            if (held is null && !isAnchor)
            {
                why = $"issuer certificate lacks ipAddrBlocks extension: \"{path[i + 1]}\", whose subject \"{certificate}\" has it";
                return null;
            }
            if (!isAnchor && blocks.Ranges.FirstOrDefault(r => !IsCovered(r, held!)) is { } outside)
            {
                why = $"subject address block {outside} is not contained in any issuer address block: \"{certificate}\" exceeds \"{path[i + 1]}\"";
                return null;
            }
            held = [.. blocks.Ranges, .. (held ?? []).Where(r => r.IsIPv6 ? blocks._inheritsIPv6 : blocks._inheritsIPv4)];
        }
        return held;
    }

    // Blocks that follow one another hold a block together.
    static bool IsCovered(TrafficSelector block, List<TrafficSelector> held)
    {
        var next = block.From;
        foreach (var range in held.Where(r => r.IsIPv6 == block.IsIPv6).OrderBy(r => r.From))
        {
            if (range.To < next) continue;
            if (range.From > next) return false;
            if (range.To >= block.To) return true;
            next = range.To + 1;
        }
        return false;
    }
}
