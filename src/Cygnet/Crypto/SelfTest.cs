// Proof of every algorithm by a known answer, once per process, before it is offered or used.
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Cygnet.Crypto.MlKem;

namespace Cygnet.Crypto;

/// <summary>
/// Self-tests. An algorithm that gives another answer, or that the machine's libcrypto refuses (a policy may forbid it), is not offered.
/// Outcomes are kept: an algorithm does not change while the process runs.
/// </summary>
public static partial class SelfTest
{
    static readonly ConcurrentDictionary<Transform, bool> Outcomes = new();
    static readonly ConcurrentDictionary<SignatureScheme, bool> SignatureOutcomes = new();
    static readonly Func<Transform, bool> RunTransform = t => Run(() => Answers(t));
    static readonly Func<SignatureScheme, bool> RunScheme = s => Run(() => Answers(s));

    /// <summary>Whether the transform is built here and gave its known answer.</summary>
    public static bool Passed(Transform transform) => Outcomes.GetOrAdd(transform, RunTransform);

    /// <summary>Whether the scheme accepts a known signature and refuses a changed one.</summary>
    public static bool Passed(SignatureScheme scheme) => SignatureOutcomes.GetOrAdd(scheme, RunScheme);

    static bool Run(Func<bool> test)
    {
        try { return test(); }
        // A libcrypto may be built without what is old.
        catch (Exception e) when (e is CryptographicException or EntryPointNotFoundException) { return false; }
    }

    static bool Answers(Transform t) => Transforms.IsBuilt(t) && t.Type switch
    {
        TransformType.Encryption when t.Id == Encr.Null => true,
        TransformType.Encryption when Transforms.IsAead(t) => AeadAnswers(t),
        TransformType.Encryption => CipherAnswers(t),
        TransformType.Integrity => IntegrityAnswers(t),
        TransformType.Prf => PrfAnswers(t),
        TransformType.ExtendedSequenceNumbers => true,
        _ => t.Id == Ke.None || ExchangeAnswers(t.Id),
    };

    static bool AeadAnswers(Transform t)
    {
        var row = Transforms.Find(t)!;
        var answer = Aeads.First(a => a.Ids.Contains(t.Id) && (a.KeyBits == t.KeyBits || t.Id == Encr.ChaCha20Poly1305));
        var nonce = Hex(answer.Nonce);
        var (aad, iv, text, icv) = (Hex(answer.Aad), nonce[row.SaltBytes..], Hex(answer.Plain), new byte[row.IcvBytes]);
        using var cipher = PacketCipher.Aead(t, Hex(answer.Key), nonce.AsSpan(0, row.SaltBytes), iv.Length, row.IcvBytes);
        cipher.Seal(aad, [], iv, text, icv);
        // A shorter ICV of GCM is the whole one cut.
        if (!Same(text, answer.Sealed) || !Same(icv, answer.Icv[..(2 * row.IcvBytes)])) return false;
        if (!cipher.Open(aad, [], iv, text, icv) || !Same(text, answer.Plain)) return false;
        icv[^1] ^= 1;
        return !cipher.Open(aad, [], iv, Hex(answer.Sealed), icv);
    }

    static bool CipherAnswers(Transform t)
    {
        var row = Transforms.Find(t)!;
        var answer = Ciphers.First(a => a.Id == t.Id && a.KeyBits == t.KeyBits);
        var (material, iv, text, icv) = (Hex(answer.Material), Hex(answer.Iv), Hex(answer.Plain), new byte[20]);
        using var cipher = PacketCipher.WithMac(t, material.AsSpan(..^row.SaltBytes), material.AsSpan(^row.SaltBytes..),
            new(TransformType.Integrity, Integ.HmacSha1_160), new byte[20], icv.Length);
        cipher.Seal([], [], iv, text, icv);
        return Same(text, answer.Sealed) && cipher.Open([], [], iv, text, icv) && Same(text, answer.Plain);
    }

    static bool IntegrityAnswers(Transform t)
    {
        var row = Transforms.Find(t)!;
        var answer = Macs.First(a => a.Function == row.Function);
        var (key, text, icv) = (MacKey(answer.Function), MacText(answer.Function), new byte[row.IcvBytes]);
        using var cipher = PacketCipher.WithMac(new(TransformType.Encryption, Encr.Null), [], [], t, key, icv.Length);
        cipher.Seal([], [], [], text, icv);
        if (!Same(icv, answer.Answer[..(2 * row.IcvBytes)]) || !cipher.Open([], [], [], text, icv)) return false;
        icv[^1] ^= 1;
        return !cipher.Open([], [], [], text, icv);
    }

    static bool PrfAnswers(Transform t)
    {
        var answer = Macs.First(a => a.Function == Transforms.Find(t)!.Function);
        var (prf, key, text) = (Prf.For(t.Id), MacKey(answer.Function), MacText(answer.Function));
        return Same(prf.Compute(key, text), answer.Answer) && (answer.ShortKey is not { } shortened || Same(prf.Compute(key.AsSpan(0, 10), text), shortened));
    }

    static bool ExchangeAnswers(ushort method)
    {
        if (MlKemParameters.For(method) is { } kem) return KemAnswers(kem, method);
        if (ModpAnswer(method) is { } hash)
        {
            using var one = SystemCrypto.Make(method, Hex("0102030405060708"));
            using var other = SystemCrypto.Make(method, Hex("1112131415161718"));
            return one.Finish(other.PublicValue) is { } secret && Same(SHA256.HashData(secret), hash);
        }
        if (Subgroups.FirstOrDefault(a => a.Method == method) is { Private: { } exponent } known)
        {
            using var one = SystemCrypto.Make(method, Hex(exponent));
            using var other = SystemCrypto.Make(method, Hex(known.PeerPublic));
            return one.Finish(other.PublicValue) is { } secret && Same(SHA256.HashData(secret), known.Secret);
        }
        var answer = Exchanges.First(a => a.Method == method);
        using var own = SystemCrypto.Make(method, Hex(answer.Private));
        return own.Finish(Hex(answer.PeerPublic)) is { } shared && Same(shared, answer.Secret);
    }

    static bool Answers(SignatureScheme scheme)
    {
        var answer = KnownSignatures.Concat(CertificateSignatures).First(a => a.Scheme == scheme);
        var (message, signature) = (Hex(answer.Message), Hex(answer.Signature));
        using var key = NativeKey.FromSubjectPublicKeyInfo(Hex(answer.Key));
        if (key is null || !Signatures.Verify(key, scheme, message, signature)) return false;
        signature[^1] ^= 1;
        return !Signatures.Verify(key, scheme, message, signature);
    }

    static byte[] MacKey(MacFunction function) => [.. Enumerable.Range(0, Mac.HasFixedKey(function) || function == MacFunction.HmacMd5 ? 16 : 20)
        .Select(i => Mac.HasFixedKey(function) ? (byte)i : (byte)0x0b)];

    static byte[] MacText(MacFunction function) => Mac.HasFixedKey(function) ? [.. Enumerable.Range(0, 20).Select(i => (byte)i)] : "Hi There"u8.ToArray();

    static byte[] Hex(string text) => Convert.FromHexString(text);

    static bool Same(byte[] bytes, string hex) => bytes.AsSpan().SequenceEqual(Hex(hex));
}
