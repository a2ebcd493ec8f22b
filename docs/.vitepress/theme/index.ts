// Without fonts: hospitals have no internet, and Chinese is read in the system's own.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
