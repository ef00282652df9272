// Proposal and transform substructures of the SA payload. RFC 7296 3.3.1 to 3.3.5.
using System.Collections.Immutable;
using Cygnet.Crypto;

namespace Cygnet.Wire;

/// <summary>
/// One proposal. Transforms of unknown types are kept as they are. A transform with an attribute that we do not know is left out of
/// <see cref="Transforms"/>, but its type is in <see cref="Types"/>: a choice that lacks a type of the proposal is not one of its choices.
/// </summary>
public sealed record SaProposal(byte Number, SecurityProtocol Protocol, byte[] Spi, ImmutableArray<Transform> Transforms)
{
    const byte MoreProposals = 2, MoreTransforms = 3, Last = 0;
    const ushort KeyLengthAttribute = 14, TypeValueBit = 0x8000;
    const int LeastTransformBytes = 8;

    /// <summary>All transform types that the proposal names, also those of which no transform is usable.</summary>
    public ImmutableArray<TransformType> Types
    {
        get => field.IsDefault ? [.. Transforms.Select(t => t.Type).Distinct()] : field;
        private init;
    }

    /// <summary>Whether a type lost all its transforms to unknown attributes, so that nothing can be chosen.</summary>
    public bool IsUnusable
    {
        get
        {
            foreach (var type in Types)
                if (!Has(type)) return true;
            return false;
        }
    }

    bool Has(TransformType type)
    {
        foreach (var t in Transforms)
            if (t.Type == type) return true;
        return false;
    }

    internal static SaProposal? Read(ref WireReader r, ref string reason)
    {
        var more = r.U8();
        r.Skip(1);
        var body = r.Sub(r.U16() - 4);
        var number = body.U8();
        var protocol = (SecurityProtocol)body.U8();
        var spiBytes = body.U8();
        var count = body.U8();
        var spi = body.Bytes(spiBytes).ToArray();
        if (body.Failed) return null;
        if (more != (r.AtEnd ? Last : MoreProposals))
        {
            reason = "list of proposals is inconsistent";
            return null;
        }
        if (protocol switch { SecurityProtocol.Ike => spiBytes is not (0 or 8), SecurityProtocol.Ah or SecurityProtocol.Esp => spiBytes != 4, _ => false })
        {
            reason = "SPI size of a proposal does not fit its protocol";
            return null;
        }
        var transforms = ImmutableArray.CreateBuilder<Transform>(Math.Min((int)count, body.Left / LeastTransformBytes));
        var types = new List<TransformType>(4);
        var read = 0;
        for (; read < count && !body.AtEnd; read++)
        {
            more = body.U8();
            body.Skip(1);
            var fields = body.Sub(body.U16() - 4);
            var type = (TransformType)fields.U8();
            fields.Skip(1);
            var id = fields.U16();
            var usable = TryKeyBits(ref fields, out var keyBits);
            if (fields.Failed) return null;
            if (more != (body.AtEnd ? Last : MoreTransforms)) break;
            if (!types.Contains(type)) types.Add(type);
            if (usable) transforms.Add(new(type, id, keyBits));
        }
        if (read == count && body.AtEnd) return new(number, protocol, spi, transforms.DrainToImmutable()) { Types = [.. types] };
        reason = "list of transforms is inconsistent";
        return null;
    }

    internal void Write(WireWriter to, bool last)
    {
        var start = to.Length;
        to.U8(last ? Last : MoreProposals);
        to.U8(0);
        var length = to.BeginLength16();
        to.U8(Number);
        to.U8((byte)Protocol);
        to.U8(checked((byte)Spi.Length));
        to.U8(checked((byte)Transforms.Length));
        to.Bytes(Spi);
        for (var i = 0; i < Transforms.Length; i++)
        {
            var t = Transforms[i];
            to.U8(i == Transforms.Length - 1 ? Last : MoreTransforms);
            to.U8(0);
            to.U16((ushort)(t.KeyBits == 0 ? 8 : 12));
            to.U8((byte)t.Type);
            to.U8(0);
            to.U16(t.Id);
            if (t.KeyBits == 0) continue;
            to.U16(TypeValueBit | KeyLengthAttribute);
            to.U16(t.KeyBits);
        }
        to.EndLength16(length, start);
    }

    /// <summary>Reads the attributes: at most one Key Length, as type and value. False if there is anything else. RFC 7296 3.3.5.</summary>
    static bool TryKeyBits(ref WireReader attributes, out ushort keyBits)
    {
        keyBits = 0;
        var usable = true;
        var seen = false;
        while (!attributes.AtEnd)
        {
            var type = attributes.U16();
            var value = attributes.U16();
            if ((type & TypeValueBit) == 0) attributes.Skip(value);
            if (type != (TypeValueBit | KeyLengthAttribute) || seen || value == 0) usable = false;
            else (keyBits, seen) = (value, true);
        }
        return usable;
    }
}
