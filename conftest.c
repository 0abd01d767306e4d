/* confdefs.h */
#define PACKAGE_NAME "meridian"
#define PACKAGE_TARNAME "meridian"
#define PACKAGE_VERSION "0.1.0"
#define PACKAGE_STRING "meridian 0.1.0"
#define PACKAGE_BUGREPORT ""
#define PACKAGE_URL ""
/* end confdefs.h.  */

int
main (void)
{

  ;
  return 0;
}
