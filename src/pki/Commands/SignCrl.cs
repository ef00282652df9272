// pki --signcrl: makes a CRL, base or delta.
using System.Globalization;
using System.Numerics;
using Cygnet.Pki;
using Cygnet.Pki.Make;

namespace Cygnet.PkiTool.Commands;

static class SignCrl
{
    public static readonly Command Command = new("signcrl", 'c', "issue a CRL using a CA certificate and key", """
        --cacert file --cakey file|--cakeyid hex [--lifetime days]
                        [--lastcrl crl] [--basecrl crl] [--crluri uri]+
                        [[--reason key-compromise|ca-compromise|affiliation-changed|
                                   superseded|cessation-of-operation|certificate-hold]
                         [--date timestamp] --cert file|--serial hex]*
                        [--digest md5|sha1|sha224|sha256|sha384|sha512|sha3_224|sha3_256|sha3_384|sha3_512]
                        [--rsa-padding pkcs1|pss] [--critical oid]
                        [--outform der|pem]
        """,
        [
            new("cacert", 'c', true, "CA certificate file"), new("cakey", 'k', true, "CA private key file"),
            new("cakeyid", 'x', true, "smartcard or TPM CA private key object handle"),
            new("lifetime", 'l', true, "days the CRL gets a nextUpdate, default: 15"), new("this-update", 'F', true, "date/time the validity of the CRL starts"),
            new("next-update", 'T', true, "date/time the validity of the CRL ends"), new("dateform", 'D', true, "strptime(3) input format, default: %d.%m.%y %T"),
            new("lastcrl", 'a', true, "CRL of lastUpdate to copy revocations from"), new("basecrl", 'b', true, "base CRL to create a delta CRL for"),
            new("crluri", 'u', true, "freshest delta CRL URI to include"), new("cert", 'z', true, "certificate file to revoke"),
            new("serial", 's', true, "hex encoded certificate serial number to revoke"), new("reason", 'r', true, "reason for certificate revocation"),
            new("date", 'd', true, "revocation date as unix timestamp, default: now"), new("digest", 'g', true, "digest for signature creation, default: key-specific"),
            new("rsa-padding", 'R', true, "padding for RSA signatures, default: pkcs1"), new("critical", 'X', true, "critical extension OID to include for test purposes"),
            new("outform", 'f', true, "encoding of generated crl, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var authorityKey = new KeySource("cakey", "cakeyid");
        string? caFile = null, lastFile = null, baseFile = null, digest = null;
        var (isPss, isPem) = (false, false);
        var validity = new Validity("this-update", "next-update", TimeSpan.FromDays(15));
        var reason = RevocationReason.Unspecified;
        DateTimeOffset? date = null;
        List<RevokedCertificate> revoked = [];
        List<CrlLocation> freshest = [];
        List<string> critical = [];
        foreach (var o in options)
        {
            if (validity.Take(o, TimeSpan.FromDays(1)) || authorityKey.Take(o)) continue;
            switch (o.Name)
            {
                case "cacert": caFile = o.Value; break;
                case "lastcrl": lastFile = o.Value; break;
                case "basecrl": baseFile = o.Value; break;
                case "crluri": freshest.Add(new(o.Value, null)); break;
                case "reason": reason = Reason(o.Value); break;
                case "date": date = Moment(o); break;
                case "cert": Revoke(Files.Certificate(world, "cert", o.Value, "parsing certificate failed").SerialNumber); break;
                case "serial": Revoke(Words.Hex(o)); break;
                case "digest": digest = Words.Digest(o); break;
                case "rsa-padding": isPss = Words.IsPss(o); break;
                case "critical": critical.Add(Words.Oid(o)); break;
                case "outform": isPem = Words.IsPem(o.Value); break;
            }
        }
        if (caFile is null) throw Refusal.Usage("--cacert is required");
        if (!authorityKey.IsGiven) throw Refusal.Usage("--cakey or --keyid is required");
        var (ca, caKey) = Authority.Load(world, caFile, authorityKey, mayIssue: false);
        var (from, to) = validity.Between(world.Now);
        var last = lastFile is null ? null : Old(world, "lastcrl", lastFile, ca);
        var baseCrl = baseFile is null ? null : Old(world, "basecrl", baseFile, ca);
        if (last is not null) revoked.AddRange(last.Revoked.Where(old => revoked.All(r => new BigInteger(r.SerialNumber, true, true) != new BigInteger(old.SerialNumber, true, true))));
        var number = 1 + BigInteger.Max(Number(last), Number(baseCrl));
        var content = new CrlContent(ca.Subject, ca.SubjectKeyId ?? ca.PublicKey.KeyId)
        {
            Number = number.ToByteArray(isUnsigned: true, isBigEndian: true),
            BaseNumber = baseCrl?.Number,
            ThisUpdate = from,
            NextUpdate = to,
            Revoked = revoked,
            FreshestLocations = freshest,
            CriticalExtensions = [.. critical.Select(oid => (oid, Array.Empty<byte>()))],
        };
        Files.Write(world, CrlMaker.Make(content, caKey, Words.Scheme(caKey.Public, digest, isPss), world.Crypto), "X509 CRL", isPem);
        return 0;

        // Reason and date stand before the certificate, and hold for that one only.
        void Revoke(byte[] serial)
        {
            revoked.Add(new(serial, date ?? world.Now, reason));
            (reason, date) = (RevocationReason.Unspecified, null);
        }
    }

    static BigInteger Number(Crl? crl) => crl is null ? 0 : new BigInteger(crl.Number, isUnsigned: true, isBigEndian: true);

    static Crl Old(Surroundings world, string option, string file, Certificate ca)
    {
        var crl = Files.Crl(world, option, file, $"loading {(option == "lastcrl" ? "lastUpdate" : "base")} CRL failed");
        return crl.IsSignedBy(ca, world.Crypto) ? crl : throw new Refusal($"--{option} '{file}' is not signed by \"{ca.Subject}\"; a CRL of another CA cannot be continued");
    }

    static RevocationReason Reason(string word) => word switch
    {
        "key-compromise" => RevocationReason.KeyCompromise,
        "ca-compromise" => RevocationReason.CaCompromise,
        "affiliation-changed" => RevocationReason.AffiliationChanged,
        "superseded" => RevocationReason.Superseded,
        "cessation-of-operation" => RevocationReason.CessationOfOperation,
        "certificate-hold" => RevocationReason.CertificateHold,
        _ => throw Refusal.Usage($"invalid revocation reason '{word}'"),
    };

    static DateTimeOffset Moment(Given given) =>
        long.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : throw Refusal.Usage($"invalid date '{given.Value}': --date takes seconds since 1970");
}
