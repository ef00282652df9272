// Which attributes are forwarded between IKEv2 and RADIUS: charon.plugins.eap-radius.forward.
using System.Collections.Immutable;
using System.Globalization;
using Cygnet.Wire;

namespace Cygnet.Radius;

/// <summary>A list of types, a vendor's too, of which attributes pass: <c>Reply-Message, 11, 36906:12</c>; type 0 stands for all of that vendor.</summary>
public sealed class RadiusForward
{
    public static readonly RadiusForward None = new([]);

    /// <summary>Attributes that one message may bring or take along: what a stranger sends is kept until the server is asked next.</summary>
    public const int Most = 16;

    readonly ImmutableArray<(uint Vendor, byte Type)> _selected;

    RadiusForward(ImmutableArray<(uint, byte)> selected) => _selected = selected;

    public bool IsEmpty => _selected.IsEmpty;

    public static RadiusForward Parse(string list, List<string> lines)
    {
        var selected = ImmutableArray.CreateBuilder<(uint, byte)>();
        foreach (var word in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            uint vendor = 0;
            var name = word[(colon + 1)..];
            if ((colon < 0 || uint.TryParse(word.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out vendor))
                && (byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var type) || vendor == 0 && RadiusTypeNames.TryFind(name, out type)) && (vendor, type) != (0, 0))
            {
                // these hold the conversation itself; the peer speaks in it only through EAP
                if (vendor == 0 && (RadiusType)type is RadiusType.EapMessage or RadiusType.MessageAuthenticator or RadiusType.State)
                {
                    lines.Add($"RADIUS attribute {RadiusTypeNames.Name(type)} cannot be forwarded");
                    continue;
                }
                selected.Add((vendor, type));
                lines.Add(vendor == 0 ? $"forwarding RADIUS attribute {RadiusTypeNames.Name(type)}" : $"forwarding RADIUS VSA {vendor}-{type}");
            }
            else lines.Add($"ignoring unknown RADIUS attribute type '{word}'");
        }
        return selected.Count == 0 ? None : new(selected.ToImmutable());
    }

    /// <summary>The attributes of a packet that pass, each as on the wire, for a notify of its own.</summary>
    public ImmutableArray<byte[]> Select(RadiusPacket packet) =>
        IsEmpty ? [] : [.. packet.Attributes.Where(Passes).Take(Most).Select(a => (byte[])[(byte)a.Type, (byte)(a.Value.Length + 2), .. a.Value.Span])];

    /// <summary>Adds the attribute that a notify holds, if it is a whole one that passes.</summary>
    public void AddTo(RadiusAttributes attributes, byte[] notify)
    {
        var reader = new WireReader(notify);
        var (type, length) = (reader.U8(), reader.U8());
        if (reader.Failed || length != notify.Length || length - 2 > RadiusAttributes.MaxValue) return;
        var attribute = new RadiusAttribute(type, notify.AsMemory(2));
        if (Passes(attribute)) attributes.Add(attribute.Type, attribute.Value.Span);
    }

    bool Passes(RadiusAttribute a)
    {
        if (a.Type != RadiusType.VendorSpecific) return _selected.Contains((0, (byte)a.Type));
        var reader = new WireReader(a.Value.Span);
        var (vendor, type) = (reader.U32(), reader.U8());
        return !reader.Failed && vendor != 0 && (_selected.Contains((vendor, type)) || _selected.Contains((vendor, 0)));
    }
}
