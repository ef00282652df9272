// An IPv4 or IPv6 address as a value: no allocation, total order within a family.
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cygnet.Policy;

/// <summary>An IP address. IPv4 uses the low 32 bits of <see cref="Bits"/>. Packed: every SA holds several.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct Address
{
    readonly ulong _high, _low;

    public Address(UInt128 bits, bool isIPv6) => (Bits, IsIPv6) = (bits, isIPv6);

    public UInt128 Bits
    {
        get => new(_high, _low);
        init => (_high, _low) = ((ulong)(value >> 64), (ulong)value);
    }

    public bool IsIPv6 { get; init; }

    public static readonly Address Any4 = new(0, false);
    public static readonly Address Any6 = new(0, true);

    /// <summary>The unspecified address of either family.</summary>
    public bool IsAny => Bits == 0;

    /// <summary>Length on the wire in bytes: 4 or 16.</summary>
    public int Length => IsIPv6 ? 16 : 4;

    /// <summary>Width in bits: 32 or 128.</summary>
    public int Width => IsIPv6 ? 128 : 32;

    public static Address FromV4(uint bits) => new(bits, false);

    /// <summary>Reads 4 or 16 network-order bytes; any other length is an error of the caller.</summary>
    public static Address Read(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => new(BinaryPrimitives.ReadUInt32BigEndian(bytes), false),
        16 => new(BinaryPrimitives.ReadUInt128BigEndian(bytes), true),
        _ => throw new ArgumentException("an address has 4 or 16 bytes", nameof(bytes)),
    };

    /// <summary>Writes <see cref="Length"/> network-order bytes.</summary>
    public void Write(Span<byte> to)
    {
        if (IsIPv6) BinaryPrimitives.WriteUInt128BigEndian(to, Bits);
        else BinaryPrimitives.WriteUInt32BigEndian(to, (uint)Bits);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Write(bytes);
        return bytes;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Address address)
    {
        address = default;
        // IPAddress accepts "1", "0x7f.1" and scopes; an address in a configuration has none of these.
        if (text.IndexOfAnyExcept("0123456789abcdefABCDEF.:") >= 0 || (!text.Contains(':') && text.Count('.') != 3)) return false;
        if (!IPAddress.TryParse(text, out var ip)) return false;
        address = FromIPAddress(ip);
        return true;
    }

    public static Address Parse(string text) =>
        TryParse(text, out var a) ? a : throw new FormatException($"'{text}' is not an IP address");

    public static Address FromIPAddress(IPAddress ip)
    {
        Span<byte> bytes = stackalloc byte[16];
        ip.TryWriteBytes(bytes, out var n);
        return Read(bytes[..n]);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        Write(bytes);
        return new IPAddress(bytes[..Length]);
    }

    public AddressFamily Family => IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <summary>Numeric text; the unspecified addresses print as <c>%any</c> and <c>%any6</c>.</summary>
    public override string ToString() => IsAny ? (IsIPv6 ? "%any6" : "%any") : ToIPAddress().ToString();
}

/// <summary>An address with a UDP port.</summary>
public readonly record struct Endpoint(Address Address, ushort Port)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out Endpoint? endpoint)
    {
        endpoint = IPEndPoint.TryParse(text, out var e) ? new(Address.FromIPAddress(e.Address), (ushort)e.Port) : null;
        return endpoint is not null;
    }

    /// <summary>The form of the logs: <c>192.0.2.1[500]</c>.</summary>
    public override string ToString() => $"{Address}[{Port}]";
}
