// A private key on a token, with the session that is logged in.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Linux.Pkcs11;

/// <summary>
/// The PIN is kept as long as the key: a token that was pulled out and put back is logged in to anew. Once the token has refused the PIN it is
/// not tried again, so that no card locks itself.
/// </summary>
sealed class Pkcs11Key(PublicKey publicKey, Pkcs11Module module, nuint slot, byte[] id, byte[] pin, nuint session, nuint handle, bool wantsLoginEachTime) : TokenKey(publicKey)
{
    nuint _session = session, _handle = handle;
    bool _isRefused;

    public override object Device => module;

    public override byte[] Sign(SignatureScheme scheme, ReadOnlySpan<byte> data)
    {
        var (mechanism, pss, input) = Pkcs11Objects.Mechanism(scheme, data);
        lock (module.Lock)
        {
            if (_isRefused) throw new CryptographicException($"the token in '{module.Name}':{slot} has refused the PIN; 'ipsec rereadsecrets' tries again");
            for (var again = false; ; again = true)
            {
                try
                {
                    if (again) LoginAnew();
                    return Pkcs11Objects.Signature(scheme, module.Sign(_session, slot, _handle, mechanism, pss, input, wantsLoginEachTime ? pin : []));
                }
                catch (Pkcs11Failure e)
                {
                    _isRefused = e.Result is Ck.PinIncorrect or Ck.PinLocked;
                    if (again || !e.IsGone) throw new CryptographicException($"the token in '{module.Name}':{slot} does not sign: {e.Message}", e);
                }
            }
        }
    }

    void LoginAnew()
    {
        module.Close(_session);
        _session = module.Open(slot);
        module.Login(_session, slot, pin);
        _handle = module.Find(_session, Ck.PrivateKey, id) is [var first, ..] ? first : throw new Pkcs11Failure("finding the key", Ck.KeyHandleInvalid);
    }
}
