// A token with a key of every kind that we sign with, under ids of their own, the first with its certificate; and an empty one.
namespace Cygnet.Linux.Tests;

public sealed class FilledHsm : SoftHsm
{
    public FilledHsm()
    {
        if (WhyNot is not null) return;
        Token("empty", "9999");
        Token("cygnet");
        foreach (var (id, algorithm) in new[] { ("50", "RSA -pkeyopt rsa_keygen_bits:2048"), ("51", "EC -pkeyopt ec_paramgen_curve:P-256"), ("52", "EC -pkeyopt ec_paramgen_curve:P-384"), ("53", "EC -pkeyopt ec_paramgen_curve:P-521") })
        {
            Key("cygnet", id, algorithm);
            Run($"openssl pkey -in {id}.pem -pubout -outform der -out {id}.pub");
        }
        Certificate("cygnet", "50", "/CN=card");
        // A subject key identifier that is no hash of the key, under a CKA_ID that is neither.
        Key("cygnet", "54", "RSA -pkeyopt rsa_keygen_bits:2048");
        Certificate("cygnet", "54", "/CN=named", "-set_serial 0x1234567 -addext subjectKeyIdentifier=aabbccdd");
    }

    public byte[] this[string file] => File.ReadAllBytes(PathOf(file));
}
