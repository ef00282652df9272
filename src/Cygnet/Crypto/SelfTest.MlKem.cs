// Known answers of ML-KEM, computed with another implementation (FIPS 203 leaves nothing to choose once the seeds are given).
using System.Security.Cryptography;
using Cygnet.Crypto.MlKem;

namespace Cygnet.Crypto;

public static partial class SelfTest
{
    // SHA-256 of the encapsulation key of the seeds 00 to 3f and of the ciphertext of the message 40 to 5f; the secret, and that of the ciphertext with its last bit flipped.
    readonly record struct KemAnswer(ushort Method, string Key, string Ciphertext, string Secret, string Rejected);

    static readonly KemAnswer[] Kems =
    [
        new(Ke.MlKem512, "3ae268dccc5456ac0d0f9b39257dc48fe081383b97c400512d712b739762daee", "81efe667826848514dcae46fc10cfd34f7b95ed6900e094f727c9e7cccc34df2",
            "14cace3e48771b316676afad2cfcfe8488daaa4fad954e57236caa3f24a42cf7", "eed71bd178318ef2846b91a3fee1248840bd46f26a90ae1d82b919a6472443c9"),
        new(Ke.MlKem768, "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9", "dbf4e9aa48b078ad46ec1c9c47bda8c2d2fec9d0e7a21bd48d2238a2abedb856",
            "9cddd089ffe70e3996e76f7c8d06746df34d07e8657bc0fcf2bb0e1c3084aea1", "1f39ae51991196b33dbc7c6031f9f35fd3347d577ebb4dea93028bcd9ab5dabe"),
        new(Ke.MlKem1024, "c7b8fa0aa471d5ae18922d6ccad5b31e1d84f92ae723abfd13747018740a8530", "7c89743960f7c3d17bb69572e49de14fe0990c9113a0706963a8f4c7b39afcdf",
            "0ad8d1ea1b8dd788979b4379581218df9321bdce5567eca42ae6be7d395f1a54", "9d20ec8bd82507657af2e7573571c146ea7c0c9281182f016c4774944172285a"),
    ];

    // Encapsulation with a given message is our own code's; where the platform's serves, it makes and opens the rest.
    static bool KemAnswers(MlKemParameters p, ushort method)
    {
        var answer = Kems.First(a => a.Method == method);
        Span<byte> input = stackalloc byte[MlKemParameters.SeedBytes + MlKemParameters.MessageBytes];
        for (var i = 0; i < input.Length; i++) input[i] = (byte)i;
        using var own = SystemCrypto.Make(method, input[..MlKemParameters.SeedBytes]);
        if (!Same(SHA256.HashData(own.PublicValue), answer.Key)) return false;
        var made = MlKemExchange.Respond(p, own.PublicValue, input[MlKemParameters.SeedBytes..]);
        if (!Same(SHA256.HashData(made.PublicValue), answer.Ciphertext) || !Same(made.SharedSecret, answer.Secret)) return false;
        if (own.Finish(made.PublicValue) is not { } secret || !Same(secret, answer.Secret)) return false;
        made.PublicValue[^1] ^= 1;
        if (own.Finish(made.PublicValue) is not { } rejected || !Same(rejected, answer.Rejected)) return false;
        return MlKemExchange.Respond(method, own.PublicValue) is { } fresh && own.Finish(fresh.PublicValue) is { } shared && shared.AsSpan().SequenceEqual(fresh.SharedSecret);
    }
}
