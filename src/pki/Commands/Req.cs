// pki --req: makes a PKCS#10 certificate request.
using Cygnet.Crypto;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.PkiTool.Commands;

static class Req
{
    public static readonly Command Command = new("req", 'r', "create a PKCS#10 certificate request", """
        [--in file|--keyid hex] [--type rsa|ecdsa|ed25519|ed448|priv]
                     --oldreq file|--dn distinguished-name [--san subjectAltName]+
                    [--profile server|client|dual|ocsp] [--password challengePassword]
                    [--digest sha1|sha224|sha256|sha384|sha512|sha3_224|sha3_256|sha3_384|sha3_512]
                    [--rsa-padding pkcs1|pss] [--outform der|pem]
        """,
        [
            new("in", 'i', true, "private key input file, default: stdin"), new("keyid", 'x', true, "smartcard or TPM private key object handle"),
            new("type", 't', true, "type of input key, default: priv"), new("oldreq", 'o', true, "old certificate request to be used as a template"),
            new("dn", 'd', true, "subject distinguished name"), new("san", 'a', true, "subjectAltName to include in cert request"),
            new("profile", 'P', true, "certificate profile name to include in cert request"), new("password", 'p', true, "challengePassword to include in cert request"),
            new("digest", 'g', true, "digest for signature creation, default: key-specific"), new("rsa-padding", 'R', true, "padding for RSA signatures, default: pkcs1"),
            new("outform", 'f', true, "encoding of generated request, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var source = new KeySource();
        string? oldFile = null, profile = null, password = null, digest = null;
        var (isPss, isPem) = (false, false);
        KeyKind? kind = null;
        Identity? subject = null;
        List<Identity> names = [];
        foreach (var o in options)
        {
            if (source.Take(o)) continue;
            switch (o.Name)
            {
                case "type": kind = Words.Kind(o.Value); break;
                case "oldreq": oldFile = o.Value; break;
                case "dn": subject = Words.DistinguishedName(o); break;
                case "san": names.Add(Words.AltName(o)); break;
                case "profile": profile = o.Value; break;
                case "password": password = o.Value; break;
                case "digest": digest = Words.Digest(o); break;
                case "rsa-padding": isPss = Words.IsPss(o); break;
                case "outform": isPem = Words.IsPem(o.Value); break;
            }
        }
        if (subject is null && oldFile is null) throw Refusal.Usage("--dn or --oldreq is required");
        if (subject is not null && oldFile is not null) throw Refusal.Usage("--dn and --oldreq exclude each other");
        var key = source.Load(world, kind, "parsing private key failed");
        var content = oldFile is null
            ? new RequestContent(subject!) { AltNames = names, Profile = profile, ChallengePassword = password }
            : Renewed(world, oldFile, names, profile, password);
        var request = RequestMaker.Make(content, key, Words.Scheme(key.Public, digest, isPss), world.Crypto);
        Files.Write(world, request, "CERTIFICATE REQUEST", isPem);
        return 0;
    }

    static RequestContent Renewed(Surroundings world, string oldFile, List<Identity> names, string? profile, string? password)
    {
        var old = Files.Request(world, "oldreq", oldFile, "parsing old certificate request failed");
        return new(old.Subject) { AltNames = [.. names, .. old.AltNames], Profile = profile ?? old.Profile, ChallengePassword = password ?? old.ChallengePassword };
    }
}
