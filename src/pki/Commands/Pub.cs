// pki --pub: takes the public key out of something. SSH form: RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4; DNSKEY form: RFC 3110.
using System.Buffers.Binary;
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.PkiTool.Commands;

static class Pub
{
    public static readonly Command Command = new("pub", 'p', "extract the public key from a private key/certificate", """
        [--in file|--keyid hex] [--type rsa|ecdsa|ed25519|ed448|priv|pub|pkcs10|x509]
                    [--outform der|pem|dnskey|sshkey]
        """,
        [
            new("in", 'i', true, "input file, default: stdin"), new("keyid", 'x', true, "smartcard or TPM private key object handle"), new("type", 't', true, "type of credential, default: priv"),
            new("outform", 'f', true, "encoding of extracted public key, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var source = new KeySource();
        var (type, form) = ("priv", "der");
        foreach (var o in options)
        {
            if (source.Take(o)) continue;
            switch (o.Name)
            {
                case "type": type = Words.InputType(o.Value); break;
                case "outform":
                    form = o.Value is "der" or "pem" or "dnskey" or "sshkey"
                        ? o.Value : throw Refusal.Usage($"invalid output format '{o.Value}': --outform takes der, pem, dnskey or sshkey");
                    break;
            }
        }
        var key = source.Public(world, type, type is "pub" or "pkcs10" or "x509" ? "parsing input failed" : "parsing private key failed");
        switch (form)
        {
            case "dnskey":
                if (key.Kind != KeyKind.Rsa) throw new Refusal("public key encoding failed: --outform dnskey is for RSA keys only; pem takes all");
                world.Print(Convert.ToBase64String(DnsKey(key)));
                break;
            case "sshkey": world.Print(Convert.ToBase64String(SshKey(key))); break;
            default: Files.Write(world, key.SubjectPublicKeyInfo, "PUBLIC KEY", form == "pem"); break;
        }
        return 0;
    }

    // RFC 3110 2: length of the exponent, exponent, modulus.
    static byte[] DnsKey(PublicKey key)
    {
        var (modulus, exponent) = Rsa(key);
        modulus = modulus.AsSpan().TrimStart((byte)0).ToArray();
        exponent = exponent.AsSpan().TrimStart((byte)0).ToArray();
        return [(byte)exponent.Length, .. exponent, .. modulus];
    }

    static byte[] SshKey(PublicKey key)
    {
        switch (key.Kind)
        {
            case KeyKind.Rsa:
                var (modulus, exponent) = Rsa(key);
                return [.. Part("ssh-rsa"u8), .. Part(exponent), .. Part(modulus)];
            case KeyKind.Ecdsa when key.Bits is 256 or 384 or 521:
                var curve = System.Text.Encoding.ASCII.GetBytes($"nistp{key.Bits}");
                return [.. Part([.. "ecdsa-sha2-"u8, .. curve]), .. Part(curve), .. Part(key.KeyBits)];
            case KeyKind.Ed25519: return [.. Part("ssh-ed25519"u8), .. Part(key.KeyBits)];
            case KeyKind.Ed448: return [.. Part("ssh-ed448"u8), .. Part(key.KeyBits)];
            default: throw new Refusal("public key encoding failed: --outform sshkey knows the curves of NIST only; pem takes all");
        }
    }

    static (byte[] Modulus, byte[] Exponent) Rsa(PublicKey key)
    {
        var numbers = new AsnReader(key.KeyBits, AsnEncodingRules.DER).ReadSequence();
        return (numbers.ReadIntegerBytes().ToArray(), numbers.ReadIntegerBytes().ToArray());
    }

    static byte[] Part(ReadOnlySpan<byte> bytes)
    {
        var part = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(part, bytes.Length);
        bytes.CopyTo(part.AsSpan(4));
        return part;
    }
}
