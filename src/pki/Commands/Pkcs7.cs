// pki --pkcs7: signs, verifies, encrypts, decrypts and shows PKCS#7 containers. RFC 5652.
using System.Globalization;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Pki.Revocation;

namespace Cygnet.PkiTool.Commands;

static class Pkcs7
{
    public static readonly Command Command = new("pkcs7", '7', "PKCS#7 wrap/unwrap functions", """
        --sign|--verify|--encrypt|--decrypt|--show
                      [--in file] [--cert file]+ [--key file]
        """,
        [
            new("sign", 's', false, "create PKCS#7 signed-data"), new("verify", 'u', false, "verify PKCS#7 signed-data"),
            new("encrypt", 'e', false, "create PKCS#7 enveloped-data"), new("decrypt", 'd', false, "decrypt PKCS#7 enveloped-data"),
            new("show", 'p', false, "show info about PKCS#7, print certificates"), new("in", 'i', true, "input file, default: stdin"),
            new("key", 'k', true, "path to private key for sign/decrypt"), new("cert", 'c', true, "path to certificate for sign/verify/encrypt"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? operation = null, file = null, keyFile = null;
        List<Certificate> certificates = [];
        foreach (var o in options)
        {
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                case "key": keyFile = o.Value; break;
                case "cert": certificates.Add(Files.Certificate(world, "cert", o.Value, "parsing certificate failed")); break;
                case "debug": break;
                default: operation = operation is null ? o.Name : throw Refusal.Usage($"invalid --pkcs7 option: --{operation} and --{o.Name} exclude each other"); break;
            }
        }
        if (operation is null) throw Refusal.Usage("one of --sign, --verify, --encrypt, --decrypt and --show is required");
        if (operation != "show" && certificates.Count == 0) throw new Refusal("requiring a certificate!");
        var input = Files.Read(world, "in", file, "reading input failed!");
        switch (operation)
        {
            case "sign": return Sign(world, input, certificates, keyFile);
            case "encrypt": return Encrypt(world, input, certificates);
        }
        var container = Pkcs7Container.TryParse(input, out var reason) ?? throw new Refusal($"reading PKCS#7 container failed: {reason}");
        return operation switch
        {
            "verify" => Verify(world, container, certificates),
            "decrypt" => Decrypt(world, container, certificates, keyFile),
            _ => Show(world, container),
        };
    }

    static int Sign(Surroundings world, byte[] content, List<Certificate> certificates, string? keyFile)
    {
        if (keyFile is null) throw new Refusal("signing requires a private key");
        using var key = Files.PrivateKey(world, "key", keyFile, null, "parsing private key failed");
        var signer = certificates.Find(c => c.PublicKey.Equals(key.Public)) ?? throw new Refusal($"--key '{keyFile}' is not the key of a certificate given with --cert");
        var made = Pkcs7Maker.Sign(content, signer, key, Words.Scheme(key.Public, null, isPss: false), world.Now, world.Crypto, out var reason) ?? throw new Refusal(reason);
        world.Output.Write(made);
        return 0;
    }

    static int Encrypt(Surroundings world, byte[] content, List<Certificate> certificates)
    {
        if (certificates.Find(c => c.PublicKey.Kind != KeyKind.Rsa) is { } other)
            throw new Refusal($"\"{other}\" has a key of type {Words.Of(other.PublicKey.Kind)}, which cannot encrypt; RSA keys can");
        world.Output.Write(Pkcs7Maker.Encrypt(content, certificates));
        return 0;
    }

    static int Verify(Surroundings world, Pkcs7Container container, List<Certificate> trusted)
    {
        if (container.Kind != Pkcs7Kind.SignedData) throw new Refusal($"verification failed, container is {Name(container.Kind)}");
        if (container.Content is not { } content) throw new Refusal("the container has a signature without content (a detached one), which is not supported");
        var isVerified = false;
        foreach (var signer in container.Signers)
        {
            var why = "no certificate of the signer is given with --cert or stands in the container";
            foreach (var certificate in trusted.Concat(container.Certificates).Distinct().Where(signer.Party.Is))
            {
                if ((why = signer.WhyNotGenuine(content, certificate, world.Crypto) ?? Distrust(world, certificate, trusted, container.Certificates)) is not null) continue;
                isVerified = true;
                var time = signer.SigningTime is { } at ? $" at {at.ToOffset(world.Now.Offset).ToString("MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture)}" : "";
                world.Error.Write($"signed by '{certificate.Subject}'{time}\n");
                break;
            }
            if (why is not null) world.Error.Write($"a signature does not count: {why}\n");
        }
        if (!isVerified) throw new Refusal("no trusted signature found");
        world.Output.Write(content);
        return 0;
    }

    // Those given are trusted as they are; of what they issued, the certificates in the container help to find the way.
    static string? Distrust(Surroundings world, Certificate signer, List<Certificate> trusted, IReadOnlyList<Certificate> others)
    {
        var chain = new TrustChain(world.Crypto, [.. trusted.Where(c => c.IsCa)], others, world.Now, new OperatorStatus([], [], StatusRound.Offline, world.Crypto));
        var isPinned = trusted.Contains(signer);
        var result = chain.Validate(signer, isPinned: isPinned);
        if (result.Key is null) return result.Reason;
        return signer.IsValidAt(world.Now) ? null : $"the certificate \"{signer}\" is not valid now";
    }

    static int Decrypt(Surroundings world, Pkcs7Container container, List<Certificate> certificates, string? keyFile)
    {
        if (keyFile is null) throw new Refusal("decryption requires a private key");
        if (container.Kind != Pkcs7Kind.EnvelopedData) throw new Refusal($"decryption failed, container is {Name(container.Kind)}");
        var recipient = container.Recipients.FirstOrDefault(r => certificates.Any(r.Party.Is))
            ?? throw new Refusal("PKCS#7 decryption failed: the container is for none of the certificates given with --cert");
        var pkcs8 = Files.Pkcs8(world, "key", keyFile, "parsing private key failed");
        try
        {
            using var rsa = RSA.Create();
            try { rsa.ImportPkcs8PrivateKey(pkcs8, out _); }
            catch (CryptographicException) { throw new Refusal($"PKCS#7 decryption failed: --key '{keyFile}' is no RSA key"); }
            world.Output.Write(recipient.Open(container, rsa, out var reason) ?? throw new Refusal($"PKCS#7 decryption failed: {reason}"));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
        return 0;
    }

    static int Show(Surroundings world, Pkcs7Container container)
    {
        world.Error.Write($"{Name(container.Kind)}\n");
        foreach (var certificate in container.Certificates) world.Print(Pem.Write("CERTIFICATE", certificate.Raw));
        return 0;
    }

    static string Name(Pkcs7Kind kind) => kind switch
    {
        Pkcs7Kind.Data => "PKCS7_DATA",
        Pkcs7Kind.SignedData => "PKCS7_SIGNED_DATA",
        _ => "PKCS7_ENVELOPED_DATA",
    };
}
